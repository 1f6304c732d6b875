// The files that will go with the next message: a tray with small pictures, and where to drop them.

import { byId, h, patch, svg } from "./dom.js";
import { sizeOf } from "./files.js";
import { ICONS } from "./icons.js";
import { iconButton, toast } from "./widgets.js";

const FILE_LIMIT = 10 * 1024 * 1024;
const MOST = 10;

export class Uploads {
  /** `open()` tells whether files may be taken now; `changed()` is called after each change. */
  constructor({ open, changed }) {
    this.files = [];
    this.open = open;
    this.changed = changed;
    this.pictures = new Map();
    this.listen();
  }

  listen() {
    const pane = byId("main");
    const over = (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      pane.classList.toggle("dropping", this.open());
    };
    pane.addEventListener("dragenter", over);
    pane.addEventListener("dragover", over);
    pane.addEventListener("dragleave", (event) => !pane.contains(event.relatedTarget) && pane.classList.remove("dropping"));
    pane.addEventListener("drop", (event) => {
      pane.classList.remove("dropping");
      this.take(event.dataTransfer.files, event);
    });
    byId("attach").onclick = () => byId("file").click();
    byId("file").onchange = (event) => {
      this.take(event.target.files);
      event.target.value = "";
    };
  }

  take(list, event) {
    if (!list?.length || !this.open()) return;
    event?.preventDefault();
    for (const file of list) {
      if (file.size > FILE_LIMIT) toast(`${file.name} is larger than 10 MB.`);
      else if (this.files.length >= MOST) toast("A message takes ten files at most.");
      else this.files.push(file);
    }
    this.draw();
    this.changed();
  }

  /** Hold these files and no others. */
  set(files) {
    this.files = files;
    this.draw();
  }

  draw() {
    for (const [file, address] of this.pictures) {
      if (this.files.includes(file)) continue;
      URL.revokeObjectURL(address);
      this.pictures.delete(file);
    }
    patch(byId("uploads"), this.files.map((file) => h("li", {}, this.face(file),
      h("span", {}, file.name, h("small", {}, sizeOf(file.size))),
      iconButton(ICONS.close, `Take ${file.name} away`, {
        class: "small", onclick: () => this.set(this.files.filter((one) => one !== file)),
      }))));
  }

  face(file) {
    if (!file.type.startsWith("image/")) return svg(ICONS.file, 18);
    if (!this.pictures.has(file)) this.pictures.set(file, URL.createObjectURL(file));
    return h("img", { src: this.pictures.get(file), alt: "", class: "upload-face" });
  }
}
