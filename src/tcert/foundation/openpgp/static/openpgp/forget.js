/** For the page after signing out: drop what the vault kept, and tell the other tabs. */
import { dropSession } from "./store.js";

await dropSession();
new BroadcastChannel("tcert-vault").postMessage("lock");
