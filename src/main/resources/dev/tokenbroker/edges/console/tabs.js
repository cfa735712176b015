// Tabs by the ARIA practice: arrow keys move and choose, Home and End go to the ends. The chosen tab is in the address.

/** Shows the panel of the chosen tab and hides the others. */
export class Tabs {
  #list;
  #changed;

  /** @param changed takes the name of the tab that was chosen */
  constructor(list, changed) {
    this.#list = list;
    this.#changed = changed;
    list.addEventListener('click', (event) => {
      const tab = event.target.closest('[role=tab]');
      if (tab) this.choose(name(tab));
    });
    list.addEventListener('keydown', (event) => this.#key(event));
    addEventListener('hashchange', () => this.#follow());
  }

  /** Shows what the address names, or the first tab. */
  start() {
    this.#follow();
  }

  get chosen() {
    return name(this.#list.querySelector('[aria-selected=true]'));
  }

  /** Shows or hides a tab that only some brokers have. */
  offer(tabName, offered) {
    const tab = this.#tabs().find((each) => name(each) === tabName);
    if (tab.hidden === !offered) return;
    tab.hidden = !offered;
    if (this.chosen === tabName && !offered) this.choose(name(this.#tabs()[0]));
    else if (location.hash === `#${tabName}`) this.#follow();
  }

  choose(tabName) {
    history.replaceState(null, '', `#${tabName}`);
    this.#follow();
  }

  #follow() {
    const open = this.#tabs().filter((tab) => !tab.hidden);
    const chosen = open.find((tab) => `#${name(tab)}` === location.hash) ?? open[0];
    for (const tab of this.#tabs()) {
      tab.setAttribute('aria-selected', tab === chosen);
      tab.tabIndex = tab === chosen ? 0 : -1;
      panel(tab).hidden = tab !== chosen;
    }
    chosen.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    this.#changed(name(chosen));
  }

  #key(event) {
    const open = this.#tabs().filter((tab) => !tab.hidden);
    const at = open.indexOf(document.activeElement);
    const next = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: open.length - 1 }[event.key];
    if (next === undefined || at < 0) return;
    event.preventDefault();
    const tab = open[(next + open.length) % open.length];
    this.choose(name(tab));
    tab.focus();
  }

  #tabs() {
    return [...this.#list.querySelectorAll('[role=tab]')];
  }
}

function name(tab) {
  return tab.id.slice('tab-'.length);
}

function panel(tab) {
  return document.getElementById(tab.getAttribute('aria-controls'));
}
