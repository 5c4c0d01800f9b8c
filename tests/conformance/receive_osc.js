// Prints each message that npm's "osc" receives on the port of the first argument, as a line of JSON.
"use strict";
const lines = [];
setInterval(() => process.stdout.write(lines.splice(0).map((line) => line + "\n").join("")), 20);
const osc = require("osc");

const port = new osc.UDPPort({ localAddress: "127.0.0.1", localPort: Number(process.argv[2]) });
port.on("message", (message) => lines.push(JSON.stringify([message.address, message.args])));
port.on("error", (error) => console.error("refused", error.message));
port.open();
