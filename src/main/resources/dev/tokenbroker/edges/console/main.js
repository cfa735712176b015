// Wires the stream to the panels. Lines are taken as they come; the screen follows at most five times a second.

import { Broker } from './broker.js';
import { byId, show } from './dom.js';
import { Exchanges } from './exchanges.js';
import { Explain } from './explain.js';
import { Faults } from './faults.js';
import { Federation } from './federation.js';
import { showConnection, showHead } from './head.js';
import { Model } from './model.js';
import { Peers } from './peers.js';
import { Replicas } from './replicas.js';
import { Stream } from './stream.js';
import { Tabs } from './tabs.js';
import { Timeline } from './timeline.js';
import { VerdictCard } from './verdict-card.js';

const FRAME_MILLIS = 200;

const broker = new Broker();
const model = new Model();
const verdict = new VerdictCard(broker);
const panels = {
  exchanges: new Exchanges(model, verdict),
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
  render();
}

function render() {
  panels[tabs.chosen].render();
}

function openVerdict(id) {
  tabs.choose('exchanges');
  verdict.open(id);
}

function follow(state, problem) {
  showConnection(state, problem);
  if (state === 'live') {
    byId('sign-in').hidden = true;
    byId('sign-out').hidden = !broker.hasToken;
  } else if (state === 'refused') {
    signIn(problem);
  }
}

/** Asks for a token. What was wrong with one that was given is said beside the field. */
function signIn(problem) {
  const why = broker.hasToken && problem && [broker.flaw, problem.message].filter(Boolean).join(' ');
  broker.identify('');
  byId('sign-out').hidden = true;
  byId('sign-in').hidden = false;
  show(byId('sign-in-problem'), why);
  byId('token').focus();
}

byId('sign-in').addEventListener('submit', (event) => {
  event.preventDefault();
  broker.identify(byId('token').value);
  byId('token').value = '';
  show(byId('sign-in-problem'));
  stream.open();
});

byId('sign-out').addEventListener('click', () => {
  stream.close();
  signIn();
});

addEventListener('resize', () => requestAnimationFrame(render));
tabs.start();
stream.open();
