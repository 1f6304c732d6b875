// Discord's REST, as a person's client calls it. Owns retries after a 429; knows no page.

/** A refusal: `status` is HTTP's, `code` Discord's, `message` is fit for people. */
export class RestError extends Error {
  constructor(status, body) {
    super(wordsOf(body) || `The server answered ${status}.`);
    this.status = status;
    this.code = body?.code ?? 0;
  }
}

/** The first concrete fault of a 50035 answer, else the answer's own message. */
function wordsOf(body) {
  const faults = [];
  const walk = (node, path) => {
    if (!node || typeof node !== "object") return;
    for (const fault of node._errors ?? []) faults.push(`${path.join(".")}: ${fault.message}`);
    for (const [key, value] of Object.entries(node)) if (key !== "_errors") walk(value, [...path, key]);
  };
  walk(body?.errors, []);
  return faults.length ? faults.slice(0, 3).join(" ") : body?.message;
}

export class Rest {
  /** `base` is the API's root, `token` the person's own. */
  constructor(base, token) {
    this.base = base;
    this.token = token;
  }

  get(path) { return this.send("GET", path); }
  post(path, body, files) { return this.send("POST", path, body, files); }
  patch(path, body) { return this.send("PATCH", path, body); }
  put(path, body) { return this.send("PUT", path, body); }
  delete(path) { return this.send("DELETE", path); }

  /** The answer's JSON, null for 204. Waits out up to three rate limits, then throws. */
  async send(method, path, body, files = []) {
    for (let left = 3; ; left -= 1) {
      const answer = await this.reach(method, path, body, files);
      if (answer.status === 204) return null;
      const json = await answer.json().catch(() => null);
      if (answer.ok) return json;
      if (answer.status !== 429 || left === 0) throw new RestError(answer.status, json);
      await new Promise((done) => setTimeout(done, (json?.retry_after ?? 1) * 1000));
    }
  }

  async reach(method, path, body, files) {
    const headers = { Authorization: this.token };
    let payload;
    if (files.length) payload = form(body, files);
    else if (body !== undefined) {
      headers["Content-Type"] = "application/json";
      payload = JSON.stringify(body);
    }
    try {
      return await fetch(this.base + path, { method, headers, body: payload });
    } catch {
      throw new RestError(0, { message: "The sandbox cannot be reached. Is it still running?" });
    }
  }
}

function form(body, files) {
  const data = new FormData();
  data.append("payload_json", JSON.stringify(body ?? {}));
  files.forEach((file, index) => data.append(`files[${index}]`, file, file.name));
  return data;
}
