// Forms (modals) that an application opens: drawn in a dialog, handed in, kept open on a failure.

import { optionsOf } from "./components.js";
import { h } from "./dom.js";
import { rich } from "./render.js";
import { dialog } from "./widgets.js";

/** Open the form of an INTERACTION_MODAL_CREATE event. */
export function openForm(app, modal) {
  const fields = [];
  const parts = modal.components.map((one) => part(one, app, modal, fields));
  const fault = h("p", { class: "form-fault", role: "alert" });
  const send = h("button", { type: "submit", class: "c-button primary" }, "Submit");
  const form = h("form", {
    class: "form",
    onsubmit: async (event) => {
      event.preventDefault();
      send.disabled = true;
      fault.textContent = "";
      const files = [];
      const components = modal.components.map((one) => filled(one, fields, files));
      try {
        await app.interactions.form(modal, app.store.channels.get(modal.channel_id), components, files);
        frame.close();
      } catch (error) {
        fault.textContent = error.message;
        send.disabled = false;
      }
    },
  }, parts, fault, h("footer", {},
    h("button", { type: "button", class: "c-button secondary", onclick: () => frame.close() }, "Cancel"), send));
  const frame = dialog(modal.title, form, { class: "modal" });
  form.querySelector("input, textarea, select")?.focus();
}

function part(one, app, modal, fields) {
  if (one.type === 1) return one.components.map((each) => labelled(each, each.label, "", app, modal, fields));
  if (one.type === 18) return labelled(one.component, one.label, one.description, app, modal, fields);
  if (one.type === 10) return h("div", { class: "c-text" }, rich(one.content ?? "", app.store));
  return null;
}

function labelled(one, label, description, app, modal, fields) {
  const [node, read] = control(one, app, modal);
  fields.push({ id: one.custom_id, read });
  const group = one.type === 21 || one.type === 22;
  return h(group ? "fieldset" : "label", { class: "form-field" },
    h(group ? "legend" : "span", { class: "form-label" }, label ?? "",
      one.required !== false && one.type !== 23 && h("b", { "aria-hidden": "true" }, " *")),
    description && h("small", {}, description), node);
}

/** [node, how to read it]: what is read is spread into the component handed in. */
function control(one, app, modal) {
  const shared = { required: one.required !== false, data: { custom: one.custom_id } };
  if (one.type === 4) return textInput(one, shared);
  if (one.type === 19) {
    const node = h("input", { type: "file", multiple: (one.max_values ?? 1) > 1, ...shared });
    return [node, (files) => ({ values: [...node.files].map((file) => String(files.push(file) - 1)) })];
  }
  if (one.type === 21 || one.type === 22) return ticks(one);
  if (one.type === 23) {
    const node = h("input", { type: "checkbox", checked: Boolean(one.default) });
    return [node, () => ({ value: node.checked })];
  }
  const many = (one.max_values ?? 1) > 1;
  const node = h("select", { multiple: many, class: "c-select", ...shared },
    !many && h("option", { value: "" }, one.placeholder ?? "Choose…"),
    optionsOf(one, app.store, modal.channel_id).map((each) =>
      h("option", { value: each.value, selected: Boolean(each.default) }, each.label)));
  return [node, () => ({ values: [...node.selectedOptions].map((each) => each.value).filter(Boolean) })];
}

function textInput(one, shared) {
  const node = h(one.style === 2 ? "textarea" : "input", {
    ...shared, placeholder: one.placeholder, minlength: one.min_length, maxlength: one.max_length ?? 4000,
    rows: one.style === 2 ? "6" : null, autocomplete: "off",
  });
  node.value = one.value ?? "";
  return [node, () => ({ value: node.value })];
}

/** A radio group (21) or check boxes (22). */
function ticks(one) {
  const kind = one.type === 21 ? "radio" : "checkbox";
  const node = h("div", {}, one.options.map((each) => h("label", { class: "c-check" },
    h("input", { type: kind, name: one.custom_id, value: each.value, checked: Boolean(each.default) }),
    h("span", {}, each.label, each.description && h("small", {}, each.description)))));
  const read = () => [...node.querySelectorAll("input:checked")].map((box) => box.value);
  return [node, () => (kind === "radio" ? { value: read()[0] ?? null } : { values: read() })];
}

function filled(one, fields, files) {
  const made = { type: one.type, id: one.id };
  if (one.components) return { ...made, components: one.components.map((each) => filled(each, fields, files)) };
  if (one.component) return { ...made, component: filled(one.component, fields, files) };
  if (!one.custom_id) return made;
  const field = fields.find((each) => each.id === one.custom_id);
  return { ...made, custom_id: one.custom_id, ...field.read(files) };
}
