// One case: write down what is done, with a draft of each letter; take the evidence out.

import { ask, find, refusal, rememberPerson, say, signed, t } from "../base.js";
import { numberButton } from "../number.js";

const number = document.querySelector("[data-case]").dataset.case;
const here = `/cases/${encodeURIComponent(number)}`;
const LETTERS = ["warning_letter", "report_carrier", "report_police"];
const person = find("person");
const text = find("text");
const action = find("action");

rememberPerson(person, "callcenter.reviewer");

let drafted = ""; // the draft in the field, so that only a draft is ever replaced

const by = () => signed(person, t("请先在右上写经办人"));

async function changed() {
  find("source-field").hidden = action.value !== "source_type";
  if (text.value !== drafted) return;
  text.value = drafted = "";
  if (!LETTERS.includes(action.value)) return;
  const wanted = action.value;
  try {
    const draft = await ask("GET", `${here}/letter?kind=${wanted}`);
    if (action.value === wanted && text.value === "") text.value = drafted = draft.text;
  } catch (error) {
    say(error.message);
  }
}

action.addEventListener("change", changed);
changed();

async function act(step, button) {
  const name = by();
  if (!name) return;
  button.disabled = true;
  try {
    await ask("POST", `${here}/actions`, { by: name, ...step });
    location.reload();
  } catch (error) {
    button.disabled = false;
    say(error.message);
  }
}

find("act").addEventListener("submit", (event) => {
  event.preventDefault();
  const step = { action: action.value, text: text.value };
  if (action.value === "source_type") step.source_type = find("source_type").value;
  act(step, find("submit"));
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-add]");
  if (button) act({ action: "add_calls", calls: [button.dataset.add] }, button);
});

/** The package goes to the browser's downloads; its manifest's hash stays on the page. */
async function download(name) {
  const answer = await fetch(`/api/v1${here}/export`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ by: name }),
  });
  if (!answer.ok) {
    const said = await answer.json().catch(() => ({ detail: answer.statusText }));
    throw new Error(refusal(answer.status, said.detail));
  }
  const content = await answer.blob();
  const [, file] = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition")) ?? [];
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = file ?? "evidence.zip";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  return Number(answer.headers.get("X-Problems"));
}

find("export").addEventListener("click", async () => {
  const name = by();
  if (!name) return;
  find("export").disabled = true;
  say(t("正在整理证据包……"));
  try {
    const problems = await download(name);
    say(problems ? t`已导出；注意：${problems} 份录音缺失或与封存时不一致，见包内 summary.html` : t("已导出，录音全部与封存时一致"));
  } catch (error) {
    say(error.message);
  }
  find("export").disabled = false;
});

numberButton();
