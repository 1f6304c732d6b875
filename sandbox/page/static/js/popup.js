// A box beside a control: placed inside the window, closed by Escape, a click elsewhere, or Tab out.

import { h } from "./dom.js";

/**
 * Show `content` beside `anchor` (a node, or a point {x, y}); answers a function that
 * closes it; its `place()` puts the box right again after it grew.
 */
export function popup(anchor, content, { label, role = "dialog" } = {}) {
  document.querySelector(".popup")?.dispatchEvent(new Event("dismiss"));
  const before = document.activeElement;
  const box = h("div", { class: "popup", role, "aria-label": label }, content);
  const close = () => {
    if (!box.isConnected) return;
    box.remove();
    document.removeEventListener("pointerdown", outside, true);
    window.removeEventListener("resize", close);
    if (document.activeElement === document.body) before?.focus({ preventScroll: true });
  };
  const outside = (event) => !box.contains(event.target) && close();
  box.addEventListener("dismiss", close);
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close();
    before?.focus({ preventScroll: true });
  });
  box.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !box.contains(event.relatedTarget)) close();
  });
  document.body.append(box);
  close.place = () => place(box, anchor);
  close.place();
  document.addEventListener("pointerdown", outside, true);
  window.addEventListener("resize", close);
  return close;
}

function place(box, anchor) {
  const at = anchor instanceof Element ? anchor.getBoundingClientRect()
    : { left: anchor.x, right: anchor.x, top: anchor.y, bottom: anchor.y };
  const { width, height } = box.getBoundingClientRect();
  const below = at.bottom + 6 + height < innerHeight;
  const top = below ? at.bottom + 6 : Math.max(8, at.top - height - 6);
  const left = Math.min(Math.max(8, at.right - width), innerWidth - width - 8);
  box.style.top = `${Math.max(8, Math.min(top, innerHeight - height - 8))}px`;
  box.style.left = `${Math.max(8, left)}px`;
}
