// node-opcua's client as a process of its own, through its public interface only.
//
// It does what it is told on standard input, one JSON object a line, and answers each with one on standard output.
//
//     node node_client.js MODULES
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const readline = require("node:readline");
const { createRequire } = require("node:module");

const [modules] = process.argv.slice(2);
const load = createRequire(path.join(modules, "node_modules", "x.js"));
const {
  OPCUAClient, MessageSecurityMode, SecurityPolicy, AttributeIds, TimestampsToReturn, ClientSubscription,
  ClientMonitoredItem,
} = load("node-opcua-client");
const { OPCUACertificateManager } = load("node-opcua-certificate-manager");

const heard = [];
let client;
let session;
let closed = 0;

function plain(data) {
  return {
    value: data.value?.value ?? null,
    status: data.statusCode.value,
    sourceMs: data.sourceTimestamp ? data.sourceTimestamp.getTime() : null,
  };
}

async function connect({ endpoint, secure, pki, timeout }) {
  const certificates = new OPCUACertificateManager({
    rootFolder: pki, automaticallyAcceptUnknownCertificate: true,
  });
  client = OPCUAClient.create({
    endpointMustExist: false,
    securityMode: secure ? MessageSecurityMode.SignAndEncrypt : MessageSecurityMode.None,
    securityPolicy: secure ? SecurityPolicy.Basic256Sha256 : SecurityPolicy.None,
    connectionStrategy: { maxRetry: 0, initialDelay: 100 },
    transportTimeout: timeout ?? 60000,
    clientCertificateManager: certificates,
    requestedSessionTimeout: 60000,
  });
  client.on("close", () => { closed += 1; });
  await client.connect(endpoint);
  session = await client.createSession();
  return {};
}

async function read({ nodes, timeout }) {
  const asked = session.read(nodes.map((nodeId) => ({ nodeId, attributeId: AttributeIds.Value })));
  if (!timeout) return { values: (await asked).map(plain) };
  const late = new Promise((done) => setTimeout(() => done(null), timeout));
  const got = await Promise.race([asked, late]);
  asked.then((values) => heard.push({ late: values.map(plain) }), (error) => heard.push({ error: error.message }));
  return { values: got === null ? null : got.map(plain) };
}

async function subscribe({ nodes }) {
  const subscription = ClientSubscription.create(session, {
    requestedPublishingInterval: 50, requestedLifetimeCount: 1000, requestedMaxKeepAliveCount: 20,
    maxNotificationsPerPublish: 0, publishingEnabled: true,
  });
  for (const nodeId of nodes) {
    const item = ClientMonitoredItem.create(
      subscription, { nodeId, attributeId: AttributeIds.Value }, { samplingInterval: 0, queueSize: 100 },
      TimestampsToReturn.Both,
    );
    item.on("changed", (data) => heard.push({ node: nodeId, ...plain(data) }));
    await new Promise((done, fail) => { item.once("initialized", done); item.once("err", fail); });
  }
  return {};
}

async function crawl() {
  // every node below Objects that is reached by forward hierarchical references, read attribute by attribute
  const seen = new Map();
  let waiting = ["ns=0;i=85"];
  while (waiting.length > 0) {
    const asked = waiting.map((nodeId) => ({
      nodeId, referenceTypeId: "HierarchicalReferences", includeSubtypes: true, browseDirection: 0,
      nodeClassMask: 0, resultMask: 63,
    }));
    const results = await session.browse(asked);
    waiting = [];
    for (const result of results) {
      for (const reference of result.references ?? []) {
        const id = reference.nodeId.toString();
        if (reference.nodeId.namespace === 0 || seen.has(id)) continue;
        seen.set(id, { name: reference.browseName.toString(), nodeClass: reference.nodeClass });
        waiting.push(id);
      }
    }
  }
  const ids = [...seen.keys()];
  const bad = [];
  for (const attributeId of [AttributeIds.NodeClass, AttributeIds.BrowseName, AttributeIds.DisplayName]) {
    const values = await session.read(ids.map((nodeId) => ({ nodeId, attributeId })));
    values.forEach((one, n) => { if (one.statusCode.value !== 0) bad.push(ids[n]); });
  }
  const variables = ids.filter((id) => seen.get(id).nodeClass === 2);
  for (const attributeId of [AttributeIds.DataType, AttributeIds.ValueRank, AttributeIds.AccessLevel]) {
    const values = await session.read(variables.map((nodeId) => ({ nodeId, attributeId })));
    values.forEach((one, n) => { if (one.statusCode.value !== 0) bad.push(variables[n]); });
  }
  await session.read(variables.map((nodeId) => ({ nodeId, attributeId: AttributeIds.Value })));
  return { nodes: ids.length, variables: variables.length, bad };
}

async function history({ node, startMs, endMs }) {
  const result = await session.readHistoryValue(
    { nodeId: node }, new Date(startMs), new Date(endMs), { numValuesPerNode: 0, returnBounds: false },
  );
  return { values: result.historyData.dataValues.map(plain) };
}

async function call({ object, method }) {
  const result = await session.call({ objectId: object, methodId: method, inputArguments: [] });
  return { status: result.statusCode.name };
}

async function obey(order) {
  if (order.do === "crawl") return crawl();
  if (order.do === "history") return history(order);
  if (order.do === "call") return call(order);
  if (order.do === "connect") return connect(order);
  if (order.do === "read") return read(order);
  if (order.do === "subscribe") return subscribe(order);
  if (order.do === "heard") return { heard, closed };
  if (order.do === "namespaces") return { namespaces: await session.readNamespaceArray() };
  if (order.do === "disconnect") { await client.disconnect(); return {}; }
  throw new Error(`what is ${order.do}?`);
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    let answer;
    try {
      answer = await obey(JSON.parse(line));
    } catch (error) {
      answer = { error: String(error.message ?? error) };
    }
    fs.writeSync(1, JSON.stringify(answer) + "\n");
  }
  process.exit(0);
}

main();
