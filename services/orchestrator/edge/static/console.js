// The campaign's page follows its stream and brings a person's decisions in; addresses are copied.
"use strict";

const main = document.querySelector("main[data-campaign]");
if (main) follow(main);
document.addEventListener("click", copied);

function follow(page) {
  const { campaign, query, names } = page.dataset;
  const shown = Number(page.dataset.sequence);
  const api = `/api/v1/campaigns/${campaign}`;
  const stream = new EventSource(`${api}/stream${query}`);
  const live = document.getElementById("live");
  for (const name of names.split(" ")) stream.addEventListener(name, heard);
  stream.onopen = () => { live.hidden = page.dataset.ended === "yes"; };
  stream.onerror = () => { live.hidden = true; };
  document.addEventListener("click", clicked);
  let renewal = 0;

  function heard(event) {
    const fact = JSON.parse(event.data);
    write(event.type, fact);
    if (fact.sequence <= shown) return;
    text("percent", fact.progress_percentage);
    text("cost", fact.total_cost_usd.toFixed(4));
    document.getElementById("progress").value = fact.progress_percentage;
    const state = document.getElementById("state");
    state.textContent = fact.state.replaceAll("_", " ").toLowerCase();
    state.className = `state large ${fact.state.toLowerCase()}`;
    renew();
  }

  // New results are rendered by the server; a person in the middle of an edit is left alone.
  function renew() {
    clearTimeout(renewal);
    renewal = setTimeout(async () => {
      if (typing()) return;
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (!answer.ok || typing()) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
      fresh.querySelector("#log").replaceWith(document.getElementById("log"));
      fresh.querySelector("#live").hidden = fresh.dataset.ended === "yes";
      page.dataset.ended = fresh.dataset.ended;
      for (const read of page.querySelectorAll("details[id][open]")) fresh.querySelector(`#${CSS.escape(read.id)}`)?.setAttribute("open", "");
      page.replaceChildren(...fresh.childNodes);
    }, 400);
  }

  async function clicked(event) {
    const button = event.target.closest("button[data-post], button[data-decision]");
    if (!button) return;
    if (button.dataset.ask && !confirm(button.dataset.ask)) return;
    const body = button.dataset.decision ? decision(button.dataset.decision) : button.dataset.body ? JSON.parse(button.dataset.body) : null;
    const path = button.dataset.post || "review";
    button.disabled = true;
    try {
      const answer = await fetch(`${api}/${path}${query}`, {
        method: "POST",
        headers: { ...(body && { "Content-Type": "application/json" }), ...account() },
        body: body && JSON.stringify(body),
      });
      if (answer.ok) { location.reload(); return; }
      const problem = await answer.json();
      complain([problem.detail, ...(problem.errors || []).map((e) => `${e.field}: ${e.rule}`)].join(" · "));
    } catch (error) {
      complain(`The edge does not answer (${error.message}); try again.`);
    }
    button.disabled = false;
  }
}

async function copied(event) {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  const field = button.parentElement.querySelector("input");
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Press Ctrl+C"; // no clipboard without https; the address is selected
  }
}

// Who decides, where the gate asks for it.
function account() {
  const name = document.getElementById("actor")?.value.trim();
  return name ? { "X-Actor": name } : {};
}

function decision(word) {
  const body = {
    decision: word,
    reason: document.getElementById("reason").value,
    shown_digest: document.getElementById("review").dataset.digest,
  };
  if (word === "EDIT") body.edits = edits();
  return body;
}

function edits() {
  const found = [];
  for (const item of document.querySelectorAll("[data-item]")) {
    const edit = { item_id: item.dataset.item };
    for (const field of item.querySelectorAll("[data-field]")) {
      if (field.value !== field.defaultValue) edit[field.dataset.field] = field.value;
    }
    if (Object.keys(edit).length > 1) found.push(edit);
  }
  return found;
}

function typing() {
  const fields = document.querySelectorAll("#reason, #actor, [data-field]");
  return [...fields].some((field) => field.value !== field.defaultValue || field === document.activeElement);
}

function write(name, fact) {
  const line = document.createElement("li");
  const parts = [["span", fact.sequence, "n"], ["time", fact.time.slice(11, 19), ""], ["strong", name, ""], ["span", told(fact), ""]];
  for (const [tag, words, look] of parts) {
    const part = document.createElement(tag);
    part.textContent = words;
    part.className = look;
    line.append(part);
  }
  document.getElementById("log").prepend(line);
}

function told(fact) {
  const words = [fact.step, fact.voter, fact.agent !== fact.step && fact.agent, fact.outcome, fact.decision, fact.reason, fact.message, fact.detail];
  return words.filter(Boolean).join(" · ");
}

function text(id, words) { document.getElementById(id).textContent = words; }

function complain(words) {
  const place = document.getElementById("problem");
  place.textContent = words;
  place.hidden = false;
  place.scrollIntoView({ block: "center" });
}
