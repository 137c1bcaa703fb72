// What was hidden in this call, for who says why; heard and read here only, and gone with the dialog.

import { ask, clock, find, icon, make, t, word } from "../base.js";

let sounds = null; // made when something is played: our content policy lets no other sound in

find("open-originals")?.addEventListener("click", (event) => open(event.currentTarget.dataset.call));

function open(call) {
  const reason = make("input", { class: "form-control", type: "text", id: "originals-reason", required: "", maxlength: 200, autocomplete: "off", "aria-describedby": "originals-wrong" });
  const wrong = make("p", { class: "cc-wrong", id: "originals-wrong", role: "alert", hidden: "" });
  const later = make("button", { class: "btn", type: "button" }, t("关闭"), make("kbd", {}, "Esc"));
  const list = make("ol", { class: "originals", id: "originals-list" });
  const show = make("button", { class: "btn btn-primary" }, t("打开"));
  const form = make(
    "form",
    {},
    make("h2", {}, t("打开隐去的原声")),
    make("p", {}, t("谁打开的、为什么，记入审计。关闭后要再说一次原因。")),
    make("label", { class: "cc-must", for: "originals-reason" }, t("原因")),
    reason,
    wrong,
    list,
    make("footer", {}, make("span", { class: "cc-space" }), later, show),
  );
  const dialog = make("dialog", { class: "cc-dialog", id: "originals", "aria-label": t("打开隐去的原声") }, form);
  document.body.append(dialog);
  dialog.showModal();
  reason.focus();
  later.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    show.disabled = true;
    try {
      const found = await ask("POST", `/calls/${encodeURIComponent(call)}/originals`, { reason: reason.value });
      list.replaceChildren(...found.map(piece));
      reason.disabled = true;
      list.querySelector("button")?.focus();
    } catch (error) {
      wrong.textContent = error.message;
      wrong.hidden = false;
      reason.setAttribute("aria-invalid", "true");
      show.disabled = false;
    }
  });
}

function piece({ party, start_ms: start, kind, text, wav }) {
  const play = make("button", { class: "btn btn-sm", type: "button", "aria-label": t`播放 ${clock(start)}` }, icon("player-play"), clock(start));
  play.addEventListener("click", () => playWav(wav));
  return make("li", {}, play, make("b", { class: party }, word("party", party)), make("span", { class: "cc-tag" }, word("redaction", kind)), make("span", { lang: "zh-CN" }, text));
}

async function playWav(wav) {
  sounds ??= new AudioContext();
  const bytes = Uint8Array.from(atob(wav), (char) => char.charCodeAt(0));
  const source = sounds.createBufferSource();
  source.buffer = await sounds.decodeAudioData(bytes.buffer);
  source.connect(sounds.destination);
  source.start();
}
