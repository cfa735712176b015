// Makes elements without markup: text of callers and issuers is never read as HTML.

const SVG = 'http://www.w3.org/2000/svg';

/** Characters without a shape of their own, which may reorder the text around them. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** An HTML element. An attribute that is false, null or undefined is left out. */
export function el(name, attributes, ...children) {
  return build(document.createElement(name), attributes, children);
}

/** An SVG element. */
export function svg(name, attributes, ...children) {
  return build(document.createElementNS(SVG, name), attributes, children);
}

/** The element of index.html with that id. */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`index.html has no element ${id}`);
  return found;
}

/**
 * Brings the children of an element to those given and keeps what is equal, so that focus, selection and scrolling stay.
 * Children with the attribute data-key are found again wherever they stand; others by their position.
 */
export function show(parent, ...children) {
  const keyed = new Map([...parent.children].filter(keyOf).map((child) => [keyOf(child), child]));
  let at = parent.firstChild;
  for (const fresh of children.flat(Infinity).filter(isPresent).map(asNode)) {
    const old = keyOf(fresh) ? keyed.get(keyOf(fresh)) : at && !keyOf(at) ? at : undefined;
    if (!old || old.nodeName !== fresh.nodeName) {
      parent.insertBefore(fresh, at);
    } else {
      if (old === at) at = at.nextSibling;
      else parent.insertBefore(old, at);
      update(old, fresh);
    }
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

function update(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  if (old.nodeType === Node.TEXT_NODE) {
    old.data = fresh.data;
    return;
  }
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  show(old, ...fresh.childNodes);
}

function build(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === true) node.setAttribute(name, '');
    else if (isPresent(value)) node.setAttribute(name, value);
  }
  node.append(...children.flat(Infinity).filter(isPresent).map(asNode));
  return node;
}

function isPresent(value) {
  return value !== undefined && value !== null && value !== false && value !== '';
}

function asNode(child) {
  return child instanceof Node ? child : document.createTextNode(String(child).replace(UNSAFE, escaped));
}

function escaped(char) {
  return char.split('').map((unit) => `\\u${unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`).join('');
}

function keyOf(node) {
  return node.dataset?.key;
}
