// The page of the web chat. Every message has an id; it is kept in localStorage until it is answered and sent again after a
// dropped line or a reload, so that none is lost and none is answered twice.
"use strict";

const talk = document.getElementById("talk");
const log = document.getElementById("log");
const view = document.querySelector("main");
const form = document.getElementById("form");
const said = document.getElementById("said");
const state = document.getElementById("state");
const busy = document.getElementById("busy");
const KEPT = "ipbot.message."; // one key a message: two open tabs do not overwrite each other's
const HELLO = "hello-"; // ids of the greeting that the page asks for by itself
const PLACEHOLDERS = { "[位置]": "我的位置", "[文件]": "文件" };
const CLOCK = { timeZone: "Asia/Shanghai", month: "long", day: "numeric", hour: "2-digit", minute: "2-digit" };
const OFFLINE = "网络不通，正在重试，消息不会丢。";
const queue = kept();
let loaded = false;
let sending = false;
let wake = () => {};

// -- what waits to be answered

function kept() {
  const found = [];
  try {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith(KEPT)) found.push(JSON.parse(localStorage.getItem(key)));
    }
  } catch { /* private mode: the queue lives as long as the page */ }
  return found.filter(m => m && m.id).sort((a, b) => a.at - b.at);
}

function keep(message) {
  queue.push(message);
  if (message.file) return; // a file stays with the page: after a reload it is chosen again
  try { localStorage.setItem(KEPT + message.id, JSON.stringify(message)); } catch { /* as above */ }
}

function settle(message) {
  queue.splice(queue.indexOf(message), 1);
  try { localStorage.removeItem(KEPT + message.id); } catch { /* as above */ }
}

function newId() {
  return crypto.randomUUID ? crypto.randomUUID() : Array.from(crypto.getRandomValues(new Uint8Array(16)), b => b.toString(16).padStart(2, "0")).join("");
}

// -- what is shown

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function outward(label, url) {
  const link = element("a", "", label);
  link.href = /^https?:\/\//i.test(url) ? url : "#";
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  return link;
}

function pressable(label, act) {
  const button = element("button", "", label);
  button.type = "button";
  button.addEventListener("click", act);
  return button;
}

function tell(text) {
  const atEnd = view.scrollHeight - view.scrollTop - view.clientHeight < 20;
  state.textContent = text;
  if (atEnd) view.scrollTop = view.scrollHeight; // the line takes room from the conversation
}

function add(item, speaker) {
  item.prepend(element("span", "hidden", speaker));
  // until the history has come, what was said before goes above what waits
  talk.insertBefore(item, loaded || item.matches(".waiting") ? null : talk.querySelector(".waiting"));
}

function bubbleOf(id) {
  return talk.querySelector(`.mine[data-id="${CSS.escape(id)}"]`);
}

function showMine(id, text, waiting) {
  const item = element("li", waiting ? "mine waiting" : "mine");
  item.dataset.id = id;
  item.append(element("p", "", text));
  if (waiting) item.append(element("small", "", "发送中"));
  add(item, "您：");
  item.scrollIntoView({ block: "end" });
}

function answered(id, note) {
  const mine = bubbleOf(id);
  if (!mine) return null;
  mine.classList.remove("waiting");
  const small = mine.querySelector("small");
  if (small && note) small.textContent = note;
  else if (small) small.remove();
  return mine;
}

function showText(text, into) {
  // paragraphs, and the items of a list, stand a little apart
  for (const part of text.split(/\n\s*\n|\n(?=\d+\. |- )/)) into.append(element("p", "", part));
}

function showBasis(citations) {
  const list = element("ul", "basis");
  list.setAttribute("aria-label", "法律依据");
  for (const c of citations) {
    const item = element("li");
    const law = c.law.startsWith("《") ? c.law : `《${c.law}》`;
    item.append("依据：", outward(law + (c.article || ""), c.url), "（");
    item.append(c.status === "现行" ? c.status : element("b", "", c.status));
    item.append(`${c.in_force && c.status !== "已废止" ? `，${c.in_force}起施行` : ""}，${c.checked}核对）`);
    list.append(item);
  }
  return list;
}

function showFile(file) {
  const link = element("a", "file");
  link.href = file.url;
  if (file.type.startsWith("image/")) {
    const picture = element("img");
    picture.src = file.url;
    picture.alt = file.name;
    picture.addEventListener("error", () => picture.replaceWith(`${file.name}（已过期，可以再要一次）`));
    link.target = "_blank";
    link.append(picture);
  } else {
    link.download = file.name;
    link.append(element("b", "", file.name), element("small", "", "下载"));
  }
  return link;
}

function fileChooser(wanted) {
  const label = element("label", "chooser", "选择文件");
  const input = element("input", "hidden");
  input.type = "file";
  input.accept = wanted.types.map(ending => `.${ending}`).join();
  input.addEventListener("change", () => {
    const file = input.files[0];
    input.value = "";
    if (!file) return;
    if (file.size > wanted.at_most) tell(`“${file.name}”太大了，这里最多收 ${wanted.at_most / 2 ** 20} MB。`);
    else submit({}, file.name, file);
  });
  label.append(input);
  return label;
}

function showReply(reply) {
  const part = element("div");
  const bubble = element("div", "bubble");
  showText(reply.text, bubble);
  if (reply.more) {
    const fold = element("details");
    fold.append(element("summary", "", "更多"));
    showText(reply.more, fold);
    bubble.append(fold);
  }
  if (reply.citations.length) bubble.append(showBasis(reply.citations));
  part.append(bubble);
  if (reply.file) part.append(showFile(reply.file));
  const buttons = element("div", "buttons");
  for (const b of reply.buttons.flat()) {
    if (b.url) buttons.append(outward(b.label, b.url));
    else if (!reply.more || b.label !== "更多") buttons.append(pressable(b.label, () => submit({ press: b.press }, b.label)));
  }
  if (reply.asks_file) buttons.append(fileChooser(reply.asks_file));
  if (reply.asks_location) buttons.append(pressable("发送我的位置", shareLocation));
  if (buttons.children.length) part.append(buttons);
  return part;
}

function showResponse(response) {
  if (talk.querySelector(`.theirs[data-id="${CSS.escape(response.id)}"]`)) return;
  const item = element("li", "theirs");
  item.dataset.id = response.id;
  if (response.push) item.append(element("p", "understood", `${new Date(response.at).toLocaleString("zh-CN", CLOCK)} 给您的消息`));
  if (response.understood) item.append(element("p", "understood", `理解为：${response.understood}`));
  for (const reply of response.replies) item.append(showReply(reply));
  if (response.notice) item.append(element("p", "notice", response.notice));
  add(item, "答：");
  const mine = answered(response.id);
  if (mine) mine.after(item);
  // a long answer is read from its first line, with what was asked above it unless that is long, too
  (mine && mine.offsetHeight < view.clientHeight / 3 ? mine : item).scrollIntoView({ block: "start" });
}

function showHistory(turns) {
  const labels = new Map(Object.entries(PLACEHOLDERS));
  for (const turn of turns) {
    if (turn.push) { showResponse(turn); continue; }
    const waiting = queue.find(m => m.id === turn.id);
    if (waiting) settle(waiting); // answered before the page was closed
    else if (!turn.id.startsWith(HELLO)) showMine(turn.id, labels.get(turn.said) || (turn.said.startsWith("#") ? "（按钮）" : turn.said), false);
    showResponse(turn);
    for (const reply of turn.replies) for (const b of reply.buttons.flat()) if (b.press) labels.set(b.press, b.label);
  }
}

// -- what is sent

const pause = ms => new Promise(done => { wake = done; setTimeout(done, ms); });
const backOff = failures => pause(Math.min(1000 * 2 ** failures, 15000));

function ask(path, options, seconds = 20) {
  const limit = AbortSignal.timeout ? { signal: AbortSignal.timeout(1000 * seconds) } : {}; // a dead line may stay silent for minutes
  return fetch(path, { credentials: "same-origin", ...limit, ...options });
}

function send(message) {
  if (message.file) {
    const address = new URLSearchParams({ id: message.id, name: message.file.name });
    return ask(`/chat/files?${address}`, { method: "POST", body: message.file }, 300);
  }
  return ask("/chat/messages", {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ id: message.id, ...message.body }),
  });
}

function submit(body, label, file) {
  const message = { id: newId(), at: Date.now(), label, body, file };
  keep(message);
  showMine(message.id, label, true);
  deliver();
}

async function deliver() {
  if (sending || !loaded) return;
  sending = true;
  let failures = 0;
  let strangers = 0;
  while (queue.length) {
    const message = queue[0];
    let status = 0;
    let after = 0;
    let response = null;
    busy.hidden = false;
    try {
      const answer = await send(message);
      status = answer.status;
      after = Number(answer.headers.get("Retry-After"));
      if (answer.ok) response = await answer.json();
    } catch { status = 0; }
    busy.hidden = true;
    if (response) {
      settle(message);
      tell("");
      failures = strangers = 0;
      showResponse(response);
    } else if (status === 401 && !strangers) {
      strangers += 1; // the answer brought a new session
    } else if (status === 401) {
      tell("浏览器没有保存会话，请允许本站使用 Cookie 后刷新页面。");
      break;
    } else if (status === 429) {
      tell("发得有点快，稍等会自动继续。");
      await pause(1000 * (after || 5));
    } else if (!status || status >= 500 || status === 408) {
      tell(OFFLINE);
      await backOff(failures++);
    } else {
      settle(message);
      answered(message.id, "没有被接受，请换个说法再发，或刷新页面");
    }
  }
  sending = false;
}

// what the bot tells by itself: the page waits for it while it is looked at, and says next time what it has shown
async function listen() {
  let seen = "";
  for (let failures = 0; ;) {
    if (document.hidden) await new Promise(done => document.addEventListener("visibilitychange", done, { once: true }));
    try {
      const answer = await ask(`/chat/letters?seen=${seen}`, {}, 40);
      if (!answer.ok) throw new Error(answer.status);
      const letters = (await answer.json()).letters;
      for (const letter of letters) showResponse(letter);
      seen = letters.map(letter => letter.number).join(",");
      failures = 0;
    } catch { await new Promise(done => setTimeout(done, Math.min(1000 * 2 ** failures++, 30000))); }
  }
}

function shareLocation() {
  if (!navigator.geolocation) { tell("这个浏览器不能发送位置，请直接打地名。"); return; }
  tell("正在取位置…");
  navigator.geolocation.getCurrentPosition(
    found => {
      tell("");
      submit({ location: { lat: found.coords.latitude, lon: found.coords.longitude } }, "我的位置");
    },
    () => { tell("没有取到位置，请直接打地名，比如：天山区。"); },
    { timeout: 10000, maximumAge: 60000 },
  );
}

// -- what the person does

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
  // 229: Safari ends a composition before the Enter that chose the word
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) { event.preventDefault(); form.requestSubmit(); }
});
said.addEventListener("input", () => {
  said.style.height = "";
  said.style.height = `${said.scrollHeight + 2}px`;
});
document.getElementById("menu").addEventListener("click", () => submit({ press: "菜单" }, "菜单"));
document.getElementById("where").addEventListener("click", shareLocation);
window.addEventListener("online", () => wake());

async function start() {
  for (const message of queue) showMine(message.id, message.label, true);
  for (let failures = 0; !loaded;) {
    try {
      const answer = await ask("/chat/history");
      if (answer.ok) showHistory((await answer.json()).turns);
      loaded = answer.ok || answer.status === 401; // 401: nothing was said yet in the session it brought
    } catch { /* not loaded */ }
    tell(loaded ? "" : OFFLINE);
    if (!loaded) await backOff(failures++);
  }
  const wanted = /^#活动-(\d{1,9})$/.exec(decodeURIComponent(location.hash)); // the QR code of a poster; it shows and does nothing else
  if (wanted) {
    history.replaceState(null, "", location.pathname);
    submit({ press: `活动 ${wanted[1]}` }, `活动 ${wanted[1]}`);
  } else if (!talk.children.length) queue.push({ id: HELLO + newId(), body: { press: "你好" } });
  log.removeAttribute("aria-busy"); // from here on what is added is read out
  deliver();
  listen();
}

start();
