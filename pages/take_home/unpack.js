/**
 * Unpacks what core/server/take_home.py packed, and starts page.js. A script, not a module: modules
 * are known only once they are unpacked.
 */

const TOO_OLD = "This browser is too old for this file. Open it in a newer one.";

/** The bytes of a text: gzip in base64. */
async function unpack(text) {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** The bytes of a network: its numbers come with all first bytes before all second ones. */
function interleave(bytes) {
  const count = bytes.length / 4;
  return bytes.map((_, i) => bytes[(i % 4) * count + Math.floor(i / 4)]);
}

const addAddress = (contents, type) => URL.createObjectURL(new Blob([contents], { type }));

async function start({ modules, networks, reader }) {
  const texts = JSON.parse(new TextDecoder().decode(await unpack(modules)));
  const imports = Object.entries(texts).map(([name, text]) => [name, addAddress(text, "text/javascript")]);
  const map = Object.assign(document.createElement("script"), { type: "importmap" });
  map.textContent = JSON.stringify({ imports: Object.fromEntries(imports) });
  document.head.append(map);
  const addresses = {};
  for (const [name, packed] of Object.entries(networks)) {
    addresses[name] = addAddress(interleave(await unpack(packed)));
  }
  const { open } = await import("digitlab/page.js");
  open(document.querySelector("main"), { addresses, reader });
}

start(JSON.parse(document.querySelector("#data").textContent)).catch((error) => {
  console.error(error);
  document.querySelector(".reader").textContent = TOO_OLD;
});
