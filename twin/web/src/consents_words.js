/** Names of tenants and field groups in the reader's language. Pure. */

/** @param {import("./desk_page.js").DeskContext} context */
export function consentWords({ t, format, park }) {
  return {
    /** @param {string} id of an enterprise; of one that shares nothing people of the park may not even have the name */
    tenant: (id) => {
      const name = park.placeNames.get(id);
      return name ? format.name(name) : id.split("/").pop() ?? id;
    },
    /** @param {string} group */
    group: (group) => t(`consents.group_${group}`),
  };
}
