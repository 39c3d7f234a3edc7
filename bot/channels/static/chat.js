// The page of the web chat. Every message has an id; it is kept in localStorage until it is answered and sent again after a
// dropped line or a reload, so that none is lost and none is answered twice.
"use strict";

const talk = document.getElementById("talk");
const form = document.getElementById("form");
const said = document.getElementById("said");
const state = document.getElementById("state");
const busy = document.getElementById("busy");
const QUEUE = "ipbot.queue";
const shown = new Set();
let queue = [];
let sending = false;

try { queue = JSON.parse(localStorage.getItem(QUEUE)) || []; } catch { queue = []; }

function keep() {
  try { localStorage.setItem(QUEUE, JSON.stringify(queue)); } catch { /* private mode: the queue lives as long as the page */ }
}

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function safeUrl(url) {
  return /^https?:\/\//i.test(url) ? url : "#";
}

function outward(label, url) {
  const link = element("a", "", label);
  link.href = safeUrl(url);
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  return link;
}

function showMine(id, text, waiting) {
  const item = element("li", waiting ? "mine waiting" : "mine", text);
  item.dataset.id = id;
  talk.append(item);
  item.scrollIntoView({ block: "end" });
  return item;
}

function showBasis(citations) {
  const list = element("ul", "basis");
  list.setAttribute("aria-label", "法律依据");
  for (const c of citations) {
    const item = element("li");
    const name = `《${c.law}》${c.article || ""}`;
    item.append("依据：", outward(name, c.url), "（");
    item.append(c.status === "现行" ? c.status : element("b", "", c.status));
    item.append(`${c.in_force ? `，${c.in_force}起施行` : ""}，${c.checked}核对）`);
    list.append(item);
  }
  return list;
}

function showReply(reply) {
  const part = element("div", "theirs-part");
  const bubble = element("div", "bubble");
  bubble.append(element("p", "", reply.text));
  if (reply.more) {
    const fold = element("details");
    fold.append(element("summary", "", "更多"), element("p", "", reply.more));
    bubble.append(fold);
  }
  if (reply.citations.length) bubble.append(showBasis(reply.citations));
  part.append(bubble);
  const buttons = element("div", "buttons");
  for (const b of reply.buttons.flat()) {
    if (b.url) { buttons.append(outward(b.label, b.url)); continue; }
    if (reply.more && b.label === "更多") continue; // unfolded in place
    const button = element("button", "", b.label);
    button.type = "button";
    button.addEventListener("click", () => submit({ press: b.press }, b.label));
    buttons.append(button);
  }
  if (reply.asks_location) {
    const share = element("button", "", "发送我的位置");
    share.type = "button";
    share.addEventListener("click", shareLocation);
    buttons.append(share);
  }
  if (buttons.children.length) { buttons.style.marginTop = "8px"; part.append(buttons); }
  return part;
}

function showResponse(response) {
  if (shown.has(response.id)) return;
  shown.add(response.id);
  const item = element("li", "theirs");
  if (response.understood) item.append(element("p", "understood", `理解为：${response.understood}`));
  for (const reply of response.replies) item.append(showReply(reply));
  if (response.notice) item.append(element("p", "notice", response.notice));
  const mine = talk.querySelector(`[data-id="${CSS.escape(response.id)}"]`);
  if (mine) { mine.classList.remove("waiting"); mine.after(item); } else talk.append(item);
  (mine || item).scrollIntoView({ block: "start" }); // a long answer is read from its first line
}

function newId() {
  return crypto.randomUUID ? crypto.randomUUID() : Array.from(crypto.getRandomValues(new Uint8Array(16)), b => b.toString(16).padStart(2, "0")).join("");
}

function submit(body, label) {
  const message = { id: newId(), label, ...body };
  queue.push(message);
  keep();
  showMine(message.id, label, true);
  deliver();
}

const pause = ms => new Promise(done => setTimeout(done, ms));

async function deliver() {
  if (sending) return;
  sending = true;
  let wait = 1000;
  while (queue.length) {
    busy.hidden = false;
    const { label, ...message } = queue[0];
    try {
      const answer = await fetch("/chat/messages", {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(message), credentials: "same-origin",
      });
      if (answer.status === 429) {
        state.textContent = "发得有点快，稍等会自动继续。";
        await pause(1000 * (Number(answer.headers.get("Retry-After")) || 5));
        continue;
      }
      if (answer.status === 401) continue; // the answer brought a new session
      if (answer.status >= 500) throw new Error(String(answer.status));
      queue.shift();
      keep();
      state.textContent = "";
      wait = 1000;
      if (answer.ok) showResponse(await answer.json());
      else state.textContent = "这条消息没有被接受，请换个说法再发。";
    } catch {
      state.textContent = "网络不通，正在重试，消息不会丢。";
      await pause(wait);
      wait = Math.min(wait * 2, 15000);
    }
  }
  busy.hidden = true;
  sending = false;
}

function shareLocation() {
  if (!navigator.geolocation) { state.textContent = "这个浏览器不能发送位置，请直接打地名。"; return; }
  state.textContent = "正在取位置…";
  navigator.geolocation.getCurrentPosition(
    found => {
      state.textContent = "";
      submit({ location: { lat: found.coords.latitude, lon: found.coords.longitude } }, "我的位置");
    },
    () => { state.textContent = "没有取到位置，请直接打地名，比如：天山区。"; },
    { timeout: 10000, maximumAge: 60000 },
  );
}

form.addEventListener("submit", event => {
  event.preventDefault();
  const text = said.value.trim();
  if (!text) return;
  said.value = "";
  said.style.height = "";
  submit({ text }, text);
  said.focus();
});
said.addEventListener("keydown", event => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); form.requestSubmit(); }
});
said.addEventListener("input", () => {
  said.style.height = "";
  said.style.height = `${said.scrollHeight + 2}px`;
});
document.getElementById("menu").addEventListener("click", () => submit({ press: "菜单" }, "菜单"));
document.getElementById("where").addEventListener("click", shareLocation);
window.addEventListener("online", deliver);

async function start() {
  try {
    const answer = await fetch("/chat/history", { credentials: "same-origin" });
    const { turns = [] } = answer.ok ? await answer.json() : {};
    const labels = new Map([["#start", ""]]);
    for (const turn of turns) {
      const waiting = queue.find(m => m.id === turn.id);
      if (waiting) queue = queue.filter(m => m !== waiting); // answered before the page was closed
      const text = waiting ? waiting.label : labels.get(turn.said) || turn.said;
      if (text !== "你好" || turns.length > 1) showMine(turn.id, text, false);
      showResponse(turn);
      for (const reply of turn.replies) for (const b of reply.buttons.flat()) if (b.press) labels.set(b.press, b.label);
    }
    keep();
    if (!turns.length && !queue.length) {
      queue.push({ id: newId(), press: "你好", label: "" });
    }
  } catch { state.textContent = "网络不通，正在重试。"; }
  for (const message of queue) if (message.label) showMine(message.id, message.label, true);
  deliver();
}

start();
