// What is said in the page's language: the sentences stand in the page (template: id="texts").

const texts = JSON.parse(document.getElementById("texts").textContent);

/** A sentence in the page's language; called with a text, or before a template literal. */
export function t(text, ...parts) {
  const key = typeof text === "string" ? text : text.reduce((whole, piece, i) => `${whole}{${i - 1}}${piece}`);
  return (texts[key] ?? key).replace(/\{(\d)\}/g, (_, at) => parts[at]);
}
