/** Where a desk stands, kept in the address after the `#`: which view, which station, which product. */

/** A few texts by name that survive a reload and can be sent to a colleague. */
export class Place {
  constructor() {
    /** @type {Set<() => void>} */
    this.listeners = new Set();
    this.fields = new URLSearchParams(location.hash.replace(/^#/, ""));
    addEventListener("hashchange", () => {
      this.fields = new URLSearchParams(location.hash.replace(/^#/, ""));
      this.#tell();
    });
  }

  /** @param {string} name */
  get(name) {
    return this.fields.get(name) ?? "";
  }

  /** @param {Record<string, string>} fields "" forgets one */
  set(fields) {
    for (const [name, text] of Object.entries(fields)) {
      if (text) this.fields.set(name, text);
      else this.fields.delete(name);
    }
    const address = new URL(location.href);
    address.hash = this.fields.toString();
    if (address.href === location.href) return;
    history.replaceState(null, "", address);
    this.#tell();
  }

  /**
   * @param {() => void} listener
   * @returns {() => void} stops listening
   */
  listen(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  #tell() {
    for (const listener of [...this.listeners]) listener();
  }
}
