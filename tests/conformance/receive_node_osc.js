// Prints each message that npm's "node-osc" receives on the port of the first argument, as a line of JSON.
"use strict";
const lines = [];
setInterval(() => process.stdout.write(lines.splice(0).map((line) => line + "\n").join("")), 20);
const { Server } = require("node-osc");

function tell(element) {
  if (element.oscType === "bundle" || element.elements) element.elements.forEach(tell);
  else lines.push(JSON.stringify([element[0], element.slice(1)]));
}

const server = new Server(Number(process.argv[2]), "127.0.0.1");
server.on("message", tell);
server.on("bundle", tell);
server.on("error", (error) => console.error("refused", error.message));
