// Reads openapi.json, lists its operations and lets one try them.
const METHODS = ["get", "post", "put", "patch", "delete"];
// <% if .accounts %>
// Kept in memory only: reloading the page signs out.
let accessToken = null;
// <% end %>

/** An element with attributes, and children that are elements or text. */
function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** The schema a $ref points to, or the first kind of an optional value. */
function resolve(api, schema) {
  if (schema.$ref) {
    const keys = schema.$ref.split("/").slice(1);
    return resolve(api, keys.reduce((found, key) => found[key], api));
  }
  const kinds = schema.anyOf ?? schema.oneOf;
  return kinds ? resolve(api, kinds.find((kind) => kind.type !== "null")) : schema;
}

/** A value to start from when filling in a request. */
function sample(api, raw) {
  const schema = resolve(api, raw);
  const given = schema.examples?.[0] ?? schema.default ?? schema.const ?? schema.enum?.[0];
  if (given !== undefined) return given;
  if (schema.type === "array") return [];
  if (schema.type === "integer" || schema.type === "number") return schema.minimum ?? 0;
  if (schema.type === "boolean") return false;
  if (schema.type === "string") return schema.format === "email" ? "you@example.com" : "text";
  const members = Object.entries(schema.properties ?? {});
  const wanted = schema.required ? members.filter(([name]) => schema.required.includes(name)) : members;
  return Object.fromEntries(wanted.map(([name, member]) => [name, sample(api, member)]));
}

/** A schema in one readable line per member. */
function outline(api, raw, indent = "") {
  const schema = resolve(api, raw);
  if (schema.type === "array") return `[${outline(api, schema.items ?? {}, indent)}]`;
  if (schema.properties) {
    const lines = Object.entries(schema.properties).map(([name, member]) => {
      const optional = schema.required?.includes(name) ? "" : "?";
      return `${indent}  ${name}${optional}: ${outline(api, member, `${indent}  `)}`;
    });
    return `{\n${lines.join("\n")}\n${indent}}`;
  }
  const low = schema.minLength ?? schema.minimum;
  const high = schema.maxLength ?? schema.maximum;
  const range = low === undefined && high === undefined ? "" : ` ${low ?? ""}..${high ?? ""}`;
  return (schema.enum?.join(" | ") ?? schema.const ?? schema.format ?? schema.type ?? "any") + range;
}

const jsonSchema = (content) => content?.["application/json"]?.schema;

/** Sends a request; the answer comes with its body as text and, if it is any, as JSON. */
async function send(method, path, headers, body) {
  const request = { method: method.toUpperCase(), headers: { ...headers } };
  // <% if .accounts %>
  if (accessToken) request.headers.Authorization = `Bearer ${accessToken}`;
  // <% end %>
  if (body !== undefined) {
    request.headers["Content-Type"] = "application/json";
    request.body = body;
  }
  const response = await fetch(path, request);
  const text = await response.text();
  const json = text && response.headers.get("Content-Type")?.includes("json") && JSON.parse(text);
  return { response, text, json };
}

function show({ response, text, json }) {
  const headers = [...response.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
  return `${response.status} ${response.statusText}\n${headers}\n\n${json ? JSON.stringify(json, null, 2) : text}`;
}

/** The form that fills in an operation and sends it. */
function tryForm(api, method, path, operation) {
  const fields = (operation.parameters ?? [])
    .filter((parameter) => parameter.in !== "cookie")
    .map((parameter) => {
      const input = el("input", { name: parameter.name });
      if (parameter.in === "path") input.required = true;
      return { parameter, input };
    });
  const schema = jsonSchema(operation.requestBody?.content);
  const editor = schema && el("textarea", { rows: "6", spellcheck: "false" });
  if (editor) editor.value = JSON.stringify(sample(api, schema), null, 2);
  const output = el("pre", { role: "status" });
  output.hidden = true;

  const form = el("form", {});
  for (const { parameter, input } of fields) {
    form.append(el("label", {}, `${parameter.name} (${parameter.in}) `, input));
  }
  if (editor) form.append(el("label", { class: "body" }, "Body", editor));
  form.append(el("button", {}, `Send ${method.toUpperCase()}`));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const headers = {};
    const query = new URLSearchParams();
    let target = path;
    for (const { parameter, input } of fields) {
      if (parameter.in === "path") target = target.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
      else if (input.value && parameter.in === "header") headers[parameter.name] = input.value;
      else if (input.value) query.set(parameter.name, input.value);
    }
    if (query.size) target += `?${query}`;
    output.hidden = false;
    try {
      output.textContent = show(await send(method, target, headers, editor?.value));
    } catch (error) {
      output.textContent = `No answer: ${error.message}`;
    }
  });
  return [form, output];
}

function operationView(api, method, path, operation) {
  const title = el("summary", {}, el("code", {}, `${method.toUpperCase()} ${path}`), ` ${operation.summary ?? ""}`);
  const view = el("details", {}, title);
  // Built when first opened: most are never looked at.
  view.addEventListener("toggle", () => {
    if (operation.description) view.append(el("p", {}, operation.description));
    const body = jsonSchema(operation.requestBody?.content);
    if (body) view.append(el("pre", {}, `Body ${outline(api, body)}`));
    for (const [status, answer] of Object.entries(operation.responses ?? {})) {
      const schema = jsonSchema(answer.content);
      if (schema) view.append(el("pre", {}, `${status} ${outline(api, schema)}`));
    }
    view.append(...tryForm(api, method, path, operation));
  }, { once: true });
  return view;
}

async function main() {
  const root = document.getElementById("operations");
  const api = await (await fetch("openapi.json")).json();
  const sections = new Map();
  for (const [path, item] of Object.entries(api.paths)) {
    for (const method of METHODS.filter((name) => item[name])) {
      const tag = item[method].tags?.[0] ?? "other";
      if (!sections.has(tag)) sections.set(tag, el("section", {}, el("h2", {}, tag)));
      sections.get(tag).append(operationView(api, method, path, item[method]));
    }
  }
  root.replaceChildren(...sections.values());
}
// <% if .accounts %>

document.getElementById("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  const who = document.getElementById("who");
  const body = JSON.stringify(Object.fromEntries(new FormData(event.target)));
  accessToken = null;
  const { response, json } = await send("post", "v1/auth/login", {}, body);
  accessToken = json.access_token ?? null;
  who.textContent = response.ok
    ? `Signed in as ${json.user.email} for ${json.expires_in / 60} minutes.`
    : `Not signed in: ${json.detail ?? json.title}`;
  if (response.ok) event.target.reset();
});
// <% end %>

main().catch((error) => {
  document.getElementById("operations").textContent = `The API's description did not load: ${error.message}`;
});
