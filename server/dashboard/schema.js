// What a member of a model's schema wants: a file, the id of another job's task, or plain text.
export const typeOf = (schema) => (Array.isArray(schema.type) ? schema.type.find((t) => t !== "null") : schema.type);

export const isName = (schema) => "x-genqd-names" in schema;

// A model of the operator's own may not say which of its texts are files; names and formats tell.
export function isFile(key, schema) {
  if ("x-genqd-file" in schema) return true;
  return typeOf(schema) === "string" && !schema.enum && !isName(schema) && (schema.format === "uri" || /(url|image|video|audio)s?$/i.test(key));
}

export const title = (key) => key.replace(/_/g, " ").replace(/([a-z])([A-Z])/g, "$1 $2").replace(/^./, (c) => c.toUpperCase());
