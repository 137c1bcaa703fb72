// Whether a recording is what was sealed: hashed anew when it is opened, told in a badge.

import { ask, icon, make, tag, t } from "../base.js";

const STATES = {
  intact: ["good", "lock", t("录音完好")],
  altered: ["passed", "alert-circle", t("录音已改动")],
  unknown: ["", "circle-off", t("录音无法核对")],
};

/** Put the badge for this call's recording into `place`, first as sealed, then as found; whether there is a file. */
export async function showIntegrity(place, call) {
  if (!call.recording) {
    place.replaceChildren(badge("", "circle-off", t("没有录音")));
    return false;
  }
  const { call_id: id } = call;
  place.dataset.call = id;
  place.replaceChildren(badge("", "lock", t("正在核对录音")));
  const found = await ask("GET", `/calls/${encodeURIComponent(id)}/recording/integrity`).catch(() => null);
  if (place.dataset.call !== id) return true;
  const [kind, picture, text] = STATES[found?.state ?? "unknown"];
  const lacks = call.gaps.filter((gap) => gap.reason !== "pause").length; // a pause was wanted
  const gaps = lacks ? t` · 缺口 ${lacks} 处已登记` : "";
  const made = badge(kind, picture, text + gaps);
  if (found) made.title = t`存档 SHA-256 ${found.stored_sha256}，现在 ${found.found_sha256 || "—"}`;
  place.replaceChildren(made);
  place.dataset.state = found?.state ?? "unknown";
  return !found || found.found_sha256 !== "";
}

function badge(kind, picture, text) {
  const made = tag("", `${kind} wide`.trim());
  made.append(icon(picture), make("span", {}, text));
  return made;
}
