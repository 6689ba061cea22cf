/* The journey builder. The server draws and decides; here: where a pointer or a key leads. */
import { listen as add } from "journey/adding";
import { listen as drag } from "journey/drag";
import { listen as inspect } from "journey/inspector";
import { listen as hear } from "journey/keys";
import { listen as offer } from "journey/menu";
import { listen as operate } from "journey/operations";
import { builder } from "journey/tree";

operate();
inspect();
hear();
if ("ops" in builder().dataset) for (const listen of [add, drag, offer]) listen();
