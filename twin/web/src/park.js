/**
 * The park as `GET /api/park` tells it, with the look-ups that the page needs. Pure.
 *
 * @typedef {{vi: string, en: string}} Name
 * @typedef {{low_low: number | null, low: number | null, high: number | null, high_high: number | null}} Limits
 *
 * @typedef {object} Signal
 * @property {string} name as in the tag
 * @property {Name} display
 * @property {string} unit "" for none
 * @property {string} data_type OPC UA built-in type name
 * @property {number | null} low engineering range
 * @property {number | null} high
 * @property {Limits} limits
 * @property {number} decimals digits after the point
 * @property {string} role "state" for a PackML state, else as the twin knows it
 * @property {number | null} stale_after_s
 *
 * @typedef {{display: Name, shape: string, signals: Signal[]}} Kind
 *
 * @typedef {object} Equipment
 * @property {number} index
 * @property {string} id path through the hierarchy
 * @property {string} kind
 * @property {Name} display
 * @property {[number, number, number]} position x east, y north, z up of the middle of its foot [m]
 * @property {[number, number, number]} size [m]
 * @property {number} rotation_deg counter-clockwise seen from above
 * @property {boolean} simulated
 * @property {Name | null} note
 * @property {number} first_tag its tags are contiguous from here
 * @property {number} tag_count
 *
 * @typedef {{id: string, level: string, display: Name}} Place
 * @typedef {{id: string, display: Name, simulated: boolean}} SourceInfo
 * @typedef {{id: string, kind: string, display: Name | null, points: [number, number][], height: number,
 *   width: number}} SiteElement
 *
 * @typedef {object} ParkJson
 * @property {string} id
 * @property {Name} display
 * @property {string} timezone IANA name
 * @property {string} revision
 * @property {Record<string, Kind>} kinds
 * @property {Place[]} places
 * @property {Equipment[]} equipment
 * @property {{tag: string[], equipment: number[], signal: string[], source: string[],
 *   overrides?: Record<string, Signal>}} tags overrides: signals that differ from their kind, by tag number
 * @property {SourceInfo[]} sources
 * @property {{network: string, upstream: string, downstream: string}[]} links
 * @property {SiteElement[]} site
 *
 * @typedef {object} TreeNode
 * @property {string} id
 * @property {Name} display
 * @property {Equipment | null} equipment null for a place
 * @property {Name[]} via names of the places between it and its parent that hold nothing else
 * @property {TreeNode[]} children
 */

/** A park with its look-ups. */
export class Park {
  /** @param {ParkJson} json */
  constructor(json) {
    this.json = json;
    this.id = json.id;
    this.display = json.display;
    this.timezone = json.timezone;
    this.revision = json.revision;
    this.equipment = json.equipment;
    this.tagCount = json.tags.tag.length;
    /** @type {Map<string, Equipment>} */
    this.equipmentById = new Map(json.equipment.map((equipment) => [equipment.id, equipment]));
    /** @type {Map<string, number>} */
    this.tagIndex = new Map(json.tags.tag.map((tag, index) => [tag, index]));
    /** @type {Map<string, Name>} */
    this.placeNames = new Map(json.places.map((place) => [place.id, place.display]));
    /** @type {Map<string, SourceInfo>} */
    this.sourceById = new Map(json.sources.map((source) => [source.id, source]));
  }

  /** True if any source of the park is a simulator. */
  get simulated() {
    return this.json.sources.some((source) => source.simulated);
  }

  /** @param {string} equipmentId */
  kindOf(equipmentId) {
    const equipment = this.equipmentById.get(equipmentId);
    return equipment && this.json.kinds[equipment.kind];
  }

  /** @param {number} tag tag number */
  tagName(tag) {
    return this.json.tags.tag[tag];
  }

  /**
   * @param {number} tag tag number
   * @returns {Equipment}
   */
  equipmentOfTag(tag) {
    return this.equipment[this.json.tags.equipment[tag]];
  }

  /**
   * @param {number} tag tag number
   * @returns {Signal}
   */
  signal(tag) {
    const override = this.json.tags.overrides?.[String(tag)];
    if (override) return override;
    const name = this.json.tags.signal[tag];
    const kind = this.json.kinds[this.equipmentOfTag(tag).kind];
    const signal = kind.signals.find((candidate) => candidate.name === name);
    if (!signal) throw new Error(`tag ${this.tagName(tag)}: its kind has no signal ${name}`);
    return signal;
  }

  /**
   * Display names of the places above an equipment, the park first.
   *
   * @param {string} id
   * @returns {Name[]}
   */
  path(id) {
    const segments = id.split("/");
    /** @type {Name[]} */
    const names = [];
    for (let depth = 1; depth < segments.length; depth++) {
      const name = this.nameOfPlace(segments.slice(0, depth).join("/"));
      if (name) names.push(name);
    }
    return names;
  }

  /**
   * @param {string} id
   * @returns {Name | undefined}
   */
  nameOfPlace(id) {
    return id === this.id ? this.display : this.placeNames.get(id);
  }

  /**
   * The hierarchy below the park, in file order.
   *
   * @returns {TreeNode[]}
   */
  tree() {
    /** @type {TreeNode} */
    const root = { id: this.id, display: this.display, equipment: null, via: [], children: [] };
    /** @type {Map<string, TreeNode>} */
    const nodes = new Map([[this.id, root]]);
    const place = (/** @type {string} */ id) => {
      const known = nodes.get(id);
      if (known) return known;
      const cut = id.lastIndexOf("/");
      const parent = cut < 0 ? root : place(id.slice(0, cut));
      const last = id.slice(cut + 1);
      /** @type {TreeNode} */
      const node = { id, display: this.placeNames.get(id) ?? { vi: last, en: last }, equipment: null, via: [], children: [] };
      parent.children.push(node);
      nodes.set(id, node);
      return node;
    };
    for (const equipment of this.equipment) {
      const parent = place(equipment.id.slice(0, equipment.id.lastIndexOf("/")));
      parent.children.push({ id: equipment.id, display: equipment.display, equipment, via: [], children: [] });
    }
    return root.children.map((node) => ({ ...node, children: node.children.map(shorten) }));
  }
}

/**
 * Leaves out places that only hold one other place.
 *
 * @param {TreeNode} node
 * @returns {TreeNode}
 */
function shorten(node) {
  const only = node.children.length === 1 ? node.children[0] : null;
  if (only && !only.equipment) return shorten({ ...only, via: [...node.via, node.display] });
  return { ...node, children: node.children.map(shorten) };
}
