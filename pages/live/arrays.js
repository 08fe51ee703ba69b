/**
 * Arrays: reads a file that write_arrays in core/inference/browser_file.py wrote, in the
 * safetensors format. This module does not know what they are.
 */

const TYPES = { F32: Float32Array, U8: Uint8Array };

/**
 * The arrays in the contents of a file, by name, without their shapes.
 * @param {ArrayBuffer} file
 * @returns {{arrays: Object<string, Float32Array | Uint8Array>, metadata: Object<string, string>}}
 */
export function readArrays(file) {
  const length = Number(new DataView(file).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(file, 8, length)));
  const { __metadata__: metadata, ...described } = header;
  const arrays = {};
  for (const [name, { dtype, data_offsets: [start, end] }] of Object.entries(described)) {
    const Type = TYPES[dtype];
    arrays[name] = new Type(file, 8 + length + start, (end - start) / Type.BYTES_PER_ELEMENT);
  }
  return { arrays, metadata };
}
