// Wires the stream to the panels. Lines are taken as they come; the screen follows at most five times a second.

import { showAttention } from './attention.js';
import { Broker, ROOT } from './broker.js';
import { copyButton } from './copy.js';
import { byId, show } from './dom.js';
import { Exchanges } from './exchanges.js';
import { Explain } from './explain.js';
import { Faults } from './faults.js';
import { Federation } from './federation.js';
import { showConnection, showHead, showTokenLeft } from './head.js';
import { Model } from './model.js';
import { Peers } from './peers.js';
import { Replicas } from './replicas.js';
import { Stream } from './stream.js';
import { Tabs } from './tabs.js';
import { Timeline } from './timeline.js';
import { VerdictCard } from './verdict-card.js';

const FRAME_MILLIS = 200;
const TOKEN_MILLIS = 1_000;

const VERDICT_LINK = /^#verdict\/(.{1,200})$/;

const broker = new Broker(signIn);
const model = new Model();
const verdict = new VerdictCard(broker);
const panels = {
  exchanges: new Exchanges(model, verdict, broker),
  timeline: new Timeline(model),
  peers: new Peers(model),
  federation: new Federation(model, broker),
  replicas: new Replicas(model),
  explain: new Explain(model, broker),
  faults: new Faults(model, broker, openVerdict),
};
const tabs = new Tabs(byId('tabs'), render);
const stream = new Stream(broker, take, follow);
let scheduled = false;
let asking = false; // for a token

function take(lines) {
  lines.forEach((line) => model.take(line));
  if (lines.some(({ event }) => event === 'hello')) tabs.offer('faults', Boolean(model.hello.faults));
  if (lines.some(({ event }) => event === 'state')) tabs.offer('replicas', Boolean(model.state.replicas));
  if (scheduled) return;
  scheduled = true;
  setTimeout(() => requestAnimationFrame(draw), FRAME_MILLIS);
}

function draw() {
  scheduled = false;
  showHead(model);
  showAttention(model);
  render();
}

function render() {
  panels[tabs.chosen].render();
}

function openVerdict(id) {
  tabs.choose('exchanges');
  verdict.open(id);
}

/** Shows the verdict that the address names. */
function followLink() {
  const [, id] = VERDICT_LINK.exec(location.hash) ?? [];
  if (id) verdict.open(decoded(id));
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function follow(state, problem) {
  showConnection(state, problem, model.now);
  if (state === 'live') {
    asking = false;
    byId('sign-in').hidden = true;
    byId('sign-out').hidden = !broker.hasToken;
    showTokenLeft(broker.secondsLeft);
    verdict.retry();
  } else if (state === 'refused') {
    signIn(problem);
  }
}

/** Asks for a token. What was wrong with one that was given is said beside the field; what the page shows stays. */
function signIn(problem) {
  if (asking) return;
  asking = true;
  stream.close();
  if (problem) showConnection('refused');
  const why = broker.hasToken && problem && [broker.flaw, problem.message].filter(Boolean).join(' ');
  broker.identify('');
  showTokenLeft(NaN);
  byId('sign-out').hidden = true;
  byId('sign-in').hidden = false;
  show(byId('sign-in-problem'), why);
  byId('token').focus();
}

byId('sign-in').addEventListener('submit', (event) => {
  event.preventDefault();
  asking = false;
  broker.identify(byId('token').value);
  byId('token').value = '';
  show(byId('sign-in-problem'));
  stream.open();
});

byId('sign-out').addEventListener('click', () => {
  signIn();
});

byId('find-verdict').addEventListener('submit', (event) => {
  event.preventDefault();
  const text = byId('verdict-id').value.trim();
  // A message of a client ends with the id. Other ids may stand before it.
  if (text) verdict.open(text.match(/\b[0-9a-f]{32}\b/g)?.at(-1) ?? text.slice(0, 200));
});

byId('attention').addEventListener('click', (event) => {
  const button = event.target.closest('[data-reason]');
  if (!button) return;
  tabs.choose('exchanges');
  panels.exchanges.filter(button.dataset.reason);
});

setInterval(() => showTokenLeft(broker.secondsLeft), TOKEN_MILLIS);

show(byId('own-address'), ROOT.href.replace(/\/$/, ''));
for (const commands of byId('get-token').querySelectorAll('pre')) commands.after(copyButton(commands.textContent, 'commands'));

addEventListener('resize', () => requestAnimationFrame(render));
addEventListener('hashchange', followLink);
tabs.start();
followLink();
stream.open();
