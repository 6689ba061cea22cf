/* The report, kept fresh: what the poll brings is put into the page node by node, so that focus,
   selection, scrolling and opened details stay. Nothing is asked while nobody looks. */
const poll = document.querySelector("[data-live-poll]");
let asked = "";

poll?.addEventListener("htmx:configRequest", (event) => {
  asked = location.search;
  const query = new URLSearchParams(asked);
  query.set("live", "1");
  event.detail.path = `${location.pathname}?${query}`;
});

poll?.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden) event.preventDefault();
});

poll?.addEventListener("htmx:afterRequest", (event) => {
  const { xhr } = event.detail;
  // Somebody has chosen another step meanwhile.
  if (xhr?.status !== 200 || asked !== location.search) return;
  const fresh = new DOMParser().parseFromString(xhr.responseText, "text/html");
  for (const part of fresh.querySelectorAll("[data-live]")) {
    const shown = document.querySelector(`[data-live="${part.dataset.live}"]`);
    if (shown) renew(shown, part);
  }
});

/** Make the children of one element like those of another. */
function renew(shown, fresh) {
  const olds = [...shown.childNodes];
  const news = [...fresh.childNodes];
  const alike = olds.length === news.length && olds.every((old, at) => old.nodeName === news[at].nodeName);
  if (!alike) return replace(shown, news);
  olds.forEach((old, at) => {
    if (old.isEqualNode(news[at])) return;
    if (old.nodeType !== Node.ELEMENT_NODE) {
      old.data = news[at].data;
      return;
    }
    copyAttributes(old, news[at]);
    renew(old, news[at]);
  });
}

function copyAttributes(old, fresh) {
  for (const { name } of [...old.attributes]) {
    if (name !== "open" && !fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (name !== "open" && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
}

/** Something came or went: all children anew, and the focus to what leads to the same place. */
function replace(shown, news) {
  const active = shown.contains(document.activeElement) ? document.activeElement : null;
  const href = active?.getAttribute("href");
  shown.replaceChildren(...news);
  window.htmx?.process(shown);
  if (href) {
    const links = [...shown.querySelectorAll(active.localName)];
    links.find((each) => each.getAttribute("href") === href)?.focus({ preventScroll: true });
  }
}
