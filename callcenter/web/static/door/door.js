// Sends the form of a page at the door; what went wrong stands above the button.

const form = document.querySelector("form");
const wrong = form.querySelector(".wrong");

function tell(text) {
  wrong.textContent = text;
  wrong.hidden = false;
}

function filled() {
  const fields = {};
  for (const input of form.querySelectorAll("input:not([data-own])")) fields[input.name] = input.value;
  return fields;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const again = form.elements.again;
  if (again && again.value !== form.elements.password.value) return tell("两次输入的密码不同");
  const secret = form.hasAttribute("data-link") ? location.pathname.replace("/enter", "") : "";
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const answer = await fetch(form.dataset.send + secret, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(filled()),
    });
    if (answer.ok) return location.replace(form.dataset.then);
    tell(said(answer.status, (await answer.json()).detail));
  } catch {
    tell("连不上服务，请稍后再试");
  } finally {
    button.disabled = false;
  }
});

function said(status, detail) {
  if (detail.startsWith("the name or the password")) return "姓名或密码不对";
  if (detail.startsWith("too many wrong")) return "密码连续输错，请 15 分钟后再试";
  if (status === 429) return "从这里登录失败的次数太多，请稍后再试";
  if (detail.includes("used already or is too old")) return "链接已用过或已过期，请要一个新的";
  return detail;
}
