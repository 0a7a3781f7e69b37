/** The desk of consents: a tenant sees and changes what its plant shares with the park, people of the park see what they lack. */

import { ConsentsFeed } from "./consents_feed.js";
import { createConsentsJournal } from "./consents_journal.js";
import { createOwnConsents } from "./consents_own.js";
import { createSharedTable } from "./consents_table.js";
import { DeskPage } from "./desk_page.js";
import { ownTenant } from "./session.js";

/**
 * Begins to ask; what it gives makes the page in one language.
 *
 * @param {import("./desk_link.js").Link} link
 * @returns {(context: import("./desk_page.js").DeskContext) => DeskPage}
 */
export function openConsentsDesk(link) {
  const feed = new ConsentsFeed(link);
  return (context) => new DeskPage(context, [
    { name: "shared", make: () => (ownTenant() ? createOwnConsents(context, feed) : createSharedTable(context, feed)) },
    { name: "journal", make: () => createConsentsJournal(context, feed) },
  ]);
}
