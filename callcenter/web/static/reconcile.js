// Changes a list on the page to what it should be, node by node.

/** Keep what did not change, so that the log is read out once and focus and selection stay. */
export function reconcile(parent, wanted) {
  const old = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  const nodes = wanted.map(({ key, stamp, draw }) => {
    const before = old.get(key);
    if (before?.dataset.stamp === stamp) return before;
    const node = draw();
    node.dataset.key = key;
    node.dataset.stamp = stamp;
    return node;
  });
  const same = nodes.length === parent.children.length && nodes.every((n, i) => n === parent.children[i]);
  if (!same) parent.replaceChildren(...nodes);
}
