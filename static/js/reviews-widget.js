// Published reviews on the pages of a shop. Everything that somebody wrote is set as text.
//   <div data-viaggio-reviews data-product="SKU-123"></div>
(() => {
  const origin = new URL(document.currentScript.src).origin;

  const make = (tag, text = "", attributes = {}) => {
    const element = document.createElement(tag);
    if (text) element.textContent = text;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };

  const stars = (count, words) => {
    const full = Math.round(Number(count));
    const drawn = make("span", "★".repeat(full) + "☆".repeat(5 - full), {
      class: "viaggio-stars",
      role: "img",
      "aria-label": words.of_five.replace("{stars}", count),
    });
    drawn.style.color = "#b7791f";
    return drawn;
  };

  const review = (each, words) => {
    const item = make("article", "", { class: "viaggio-review", lang: each.language });
    item.style.marginBlock = "1.25em";
    item.append(stars(String(each.stars), words));
    if (each.title) item.append(make("h4", each.title));
    const text = make("p", each.text, { dir: "auto" });
    text.style.whiteSpace = "pre-line";
    if (each.text) item.append(text);
    if (each.photo_url) {
      const photo = make("img", "", { src: each.photo_url, alt: "", loading: "lazy" });
      photo.style.maxWidth = "min(100%, 320px)";
      item.append(photo);
    }
    const by = make("p", `${each.author} · `, { class: "viaggio-by" });
    by.append(make("time", each.date, { datetime: each.date }));
    item.append(by);
    if (each.reply) {
      const reply = make("blockquote", "", { class: "viaggio-reply" });
      reply.append(make("b", words.reply), make("p", each.reply, { dir: "auto" }));
      item.append(reply);
    }
    return item;
  };

  const head = (found) => {
    const line = make("p", "", { class: "viaggio-average" });
    if (!found.count) return make("p", found.words.none);
    line.append(stars(found.average, found.words), ` ${found.average} · `);
    line.append(found.words.count.replace("{count}", found.count));
    return line;
  };

  const describe = (found, place) => {
    if (!found.structured_data) return;
    if (place.dataset.name) found.structured_data.name = place.dataset.name;
    const script = make("script", "", { type: "application/ld+json" });
    script.textContent = JSON.stringify(found.structured_data).replaceAll("<", "\\u003c");
    document.head.append(script);
  };

  const load = async (place, page) => {
    const query = new URLSearchParams({ product: place.dataset.product || "", page });
    const answer = await fetch(`${origin}/widget/reviews.json?${query}`, { credentials: "omit" });
    if (!answer.ok) return;
    const found = await answer.json();
    if (page === 1) {
      place.append(head(found));
      describe(found, place);
    }
    for (const each of found.reviews) place.append(review(each, found.words));
    if (!found.next_page) return;
    const more = make("button", found.words.more, { type: "button", class: "viaggio-more" });
    more.addEventListener("click", () => { more.remove(); load(place, found.next_page); });
    place.append(more);
  };

  const start = () => {
    for (const place of document.querySelectorAll("[data-viaggio-reviews]")) {
      load(place, 1).catch(() => {});
    }
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
