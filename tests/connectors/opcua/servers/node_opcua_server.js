// A node-opcua server as a process of its own, through node-opcua's public interface only.
//
// It does what it is told on standard input, one JSON object a line, answers each with one on standard output,
// and writes down every value before it tells the server. It speaks as asyncua_server.py does.
//
//     node node_opcua_server.js MODULES PORT LOG NODES [SECURITY] [HISTORY]
//
// HISTORY, if it is not empty: variables keep one, but for those named plain...
// SECURITY is null, or an object with pki (a folder), accept (every client's certificate) and passwords.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const readline = require("node:readline");
const { createRequire } = require("node:module");

const [modules, port, logPath, nodesJson, securityJson, history] = process.argv.slice(2);
const security = JSON.parse(securityJson ?? "null");
const load = createRequire(path.join(modules, "node_modules", "x.js"));
const { OPCUAServer } = load("node-opcua-server");
const { Variant, DataType, VariantArrayType } = load("node-opcua-variant");
const { StatusCode, StatusCodes } = load("node-opcua-status-code");
const { OPCUACertificateManager } = load("node-opcua-certificate-manager");

const NAMESPACE = "urn:parktwin:test";
const UNHISTORIZED = "plain";
const NAMED = { nan: NaN, inf: Infinity, "-inf": -Infinity };
const log = fs.openSync(logPath, "a");
const variables = new Map();
let server;
let namespace;

function variantOf(kind, value) {
  if (kind.endsWith("[]")) {
    return new Variant({ dataType: DataType[kind.slice(0, -2)], arrayType: VariantArrayType.Array, value });
  }
  if (kind === "DateTime") value = new Date(value * 1000);
  else if (kind === "ByteString") value = Buffer.from(value, "hex");
  else if (kind === "LocalizedText") value = { text: value, locale: "vi" };
  else if (kind === "QualifiedName") value = { name: value, namespaceIndex: 1 };
  else if (kind === "Int64" || kind === "UInt64") {
    const whole = BigInt(value);
    const bits = BigInt.asUintN(64, whole);
    value = [Number(bits >> 32n), Number(bits & 0xffffffffn)];
  } else if (kind === "Double" || kind === "Float") value = NAMED[value] ?? value;
  return new Variant({ dataType: DataType[kind], arrayType: VariantArrayType.Scalar, value });
}

function statusOf(code) {
  if (code === 0) return StatusCodes.Good;
  const named = Object.values(StatusCodes).find((entry) => entry.value === code);
  return named ?? StatusCode.makeStatusCode(StatusCodes.Bad, 0);
}

let lastMs = 0;

function write(order) {
  // a time of its own for every value: two values of one tag at one moment are one to a history
  const timeMs = order.time === undefined ? Math.max(Date.now(), lastMs + 1) : Math.floor(order.time / 1e6);
  lastMs = Math.max(lastMs, timeMs);
  put(order, timeMs);
}

function put(order, timeMs) {
  const entry = {
    tag: order.tag, time: timeMs * 1e6, value: order.value, kind: order.kind, status: order.status ?? 0,
  };
  fs.writeSync(log, JSON.stringify(entry) + "\n");
  variables.get(order.tag).setValueFromSource(
    variantOf(order.kind, order.value), statusOf(order.status ?? 0), new Date(timeMs),
  );
}

function add(order) {
  const array = order.kind.endsWith("[]");
  const variable = namespace.addVariable({
    organizedBy: server.engine.addressSpace.rootFolder.objects,
    browseName: order.tag,
    nodeId: `s=${order.tag}`,
    dataType: array ? order.kind.slice(0, -2) : order.kind,
    valueRank: array ? 1 : -1,
    minimumSamplingInterval: 0,
  });
  variables.set(order.tag, variable);
  if (history && !order.tag.startsWith(UNHISTORIZED)) {
    server.engine.addressSpace.installHistoricalDataNode(variable, { maxOnlineValues: 5000 });
  }
  write(order);
}

async function count(order, goOn) {
  let due = performance.now();
  for (let step = order.start; goOn(step); step += 1) {
    const now = Math.max(Date.now(), lastMs + 1);
    lastMs = now;
    for (const tag of order.tags) put({ tag, kind: "Double", value: step }, now);
    due += order.every_s * 1000;
    await new Promise((done) => setTimeout(done, Math.max(0, due - performance.now())));
  }
}

let counting = false;

async function obey(order) {
  if (order.do === "add") add(order);
  else if (order.do === "write") write(order);
  else if (order.do === "count") await count(order, (step) => step < order.start + order.steps);
  else if (order.do === "begin_count") {
    counting = true;
    count(order, () => counting);
  } else if (order.do === "end_count") counting = false;
  else if (order.do === "delete") {
    server.engine.addressSpace.deleteNode(variables.get(order.tag));
    variables.delete(order.tag);
  }
  return { done: order.do };
}

function answer(what) {
  fs.writeSync(1, JSON.stringify(what) + "\n");
}

async function main() {
  // made once: a certificate that nobody asks for takes seconds
  const certificates = new OPCUACertificateManager({
    rootFolder: security ? security.pki : path.join(modules, "pki"),
    automaticallyAcceptUnknownCertificate: security ? security.accept : true,
  });
  server = new OPCUAServer({
    port: Number(port),
    hostname: "127.0.0.1",
    serverCertificateManager: certificates,
    userCertificateManager: certificates,
    securityModes: security ? [1, 2, 3] : [1],
    securityPolicies: security
      ? ["None", "Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss"]
      : ["None"],
    allowAnonymous: true,
    userManager: { isValidUser: (name, password) => security?.passwords[name] === password },
  });
  await server.initialize();
  namespace = server.engine.addressSpace.registerNamespace(NAMESPACE);
  for (const [tag, kind, value] of JSON.parse(nodesJson)) add({ tag, kind, value });
  await server.start();
  answer({ ready: true });
  for await (const line of readline.createInterface({ input: process.stdin })) {
    answer(await obey(JSON.parse(line)));
  }
  process.exit(0);
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
