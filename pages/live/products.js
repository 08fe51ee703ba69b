/**
 * Products: the layers of a network that multiply their inputs with weights.
 *
 * They skip inputs that are 0, which are most of a frame and about half of what ReLU gives. A
 * convolution computes only what differs from what it gives for a frame without ink.
 *
 * @typedef {import("./network.js").Layer} Layer
 */

/**
 * Runs a convolution, without its activation.
 * @param {Layer} layer
 * @param {Object<string, Float32Array>} tensors
 * @param {Float32Array} input of a batch
 * @param {Float32Array} output filled
 * @param {number} count how many images the batch has
 */
export function runConvolution(layer, tensors, input, output, count) {
  const { input: [height, width, channels], output: [rows, columns, filters] } = layer;
  const { kernel: [kernelHeight, kernelWidth], padding: [above, before], stride, paper } = layer;
  const weights = tensors[layer.weights];
  const inputs = new Inputs(height * width, channels, filters);
  for (let i = 0, at = 0; i < count; i++) {
    const image = getItem(input, i, count);
    const inked = paper && findInk(image, paper.input, channels);
    inputs.read(image);
    for (let row = 0, place = 0; row < rows; row++) {
      const top = row * stride - above;
      const firstY = Math.max(0, top), lastY = Math.min(height, top + kernelHeight);
      for (let column = 0; column < columns; column++, at += filters, place += filters) {
        const left = column * stride - before;
        const firstX = Math.max(0, left), lastX = Math.min(width, left + kernelWidth);
        if (inked && !hasInk(inked, width, firstX, lastX, firstY, lastY)) {
          for (let filter = 0; filter < filters; filter++) {
            output[at + filter] = paper.output[place + filter];
          }
          continue;
        }
        inputs.start(tensors[layer.bias], place);
        for (let y = firstY; y < lastY; y++) {
          const offset = ((y - top) * kernelWidth - y * width - left) * channels * filters;
          inputs.multiply(y * width + firstX, y * width + lastX, offset, weights);
        }
        inputs.write(output, at);
      }
    }
  }
}

/**
 * Runs a dense layer, without its activation; parameters as for a convolution.
 * @param {Layer} layer
 * @param {Object<string, Float32Array>} tensors
 * @param {Float32Array} input
 * @param {Float32Array} output
 * @param {number} count
 */
export function runDense(layer, tensors, input, output, count) {
  const { input: [size], output: [units] } = layer;
  const inputs = new Inputs(1, size, units);
  for (let i = 0; i < count; i++) {
    inputs.read(getItem(input, i, count));
    inputs.start(tensors[layer.bias], 0);
    inputs.multiply(0, 1, 0, tensors[layer.weights]);
    inputs.write(output, i * units);
  }
}

/**
 * One item of a batch.
 * @param {Float32Array} values
 * @param {number} index
 * @param {number} count
 */
export function getItem(values, index, count) {
  const size = values.length / count;
  return values.subarray(index * size, (index + 1) * size);
}

/** Whether each position of an image differs from paper. */
function findInk(image, paper, channels) {
  const inked = new Uint8Array(image.length / channels);
  for (let i = 0, position = 0; position < inked.length; position++) {
    for (const end = i + channels; i < end; i++) if (image[i] !== paper[i]) inked[position] = 1;
  }
  return inked;
}

function hasInk(inked, width, firstX, lastX, firstY, lastY) {
  for (let y = firstY; y < lastY; y++) {
    for (let x = firstX; x < lastX; x++) if (inked[y * width + x]) return true;
  }
  return false;
}

/** The inputs of an image that are not 0, and their products with the weights of all units. */
class Inputs {
  constructor(positions, channels, units) {
    this.channels = channels;
    this.values = new Float64Array(positions * channels);
    this.places = new Int32Array(positions * channels); // of their weights
    this.starts = new Int32Array(positions + 1); // of the values of each position
    this.sums = new Float64Array(units);
  }

  read(image) {
    const { values, places, starts, channels, sums: { length: units } } = this;
    let count = 0;
    for (let i = 0, position = 1; position < starts.length; position++) {
      for (const end = i + channels; i < end; i++) {
        values[count] = image[i];
        places[count] = i * units;
        if (image[i] !== 0) count++;
      }
      starts[position] = count;
    }
  }

  /** A bias is one number a unit, or one for each number of the output. */
  start(bias, place) {
    const { sums } = this;
    const from = place % bias.length;
    for (let unit = 0; unit < sums.length; unit++) sums[unit] = bias[from + unit];
  }

  /** Adds the products of the positions from … to - 1, four inputs at a time. */
  multiply(from, to, offset, weights) {
    const { values, places, starts, sums } = this;
    const units = sums.length, end = starts[to];
    let i = starts[from];
    for (; i + 3 < end; i += 4) {
      const a = values[i], b = values[i + 1], c = values[i + 2], d = values[i + 3];
      const p = places[i] + offset, q = places[i + 1] + offset;
      const r = places[i + 2] + offset, s = places[i + 3] + offset;
      for (let unit = 0; unit < units; unit++) {
        sums[unit] +=
          a * weights[p + unit] + b * weights[q + unit] + c * weights[r + unit] + d * weights[s + unit];
      }
    }
    for (; i < end; i++) {
      const value = values[i], place = places[i] + offset;
      for (let unit = 0; unit < units; unit++) sums[unit] += value * weights[place + unit];
    }
  }

  write(output, at) {
    const { sums } = this;
    for (let unit = 0; unit < sums.length; unit++) output[at + unit] = sums[unit];
  }
}
