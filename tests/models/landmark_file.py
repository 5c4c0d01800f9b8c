"""A hand's landmark network in the form in which MediaPipe publishes its own, but tiny."""

from __future__ import annotations

from pathlib import Path

import flatbuffers
import numpy as np
import tflite

_RNG = np.random.default_rng(0)
FILTERS = _RNG.normal(0, 0.5, (4, 3, 3, 3)).astype(np.float16)
DEEP = _RNG.normal(0, 0.5, (1, 5, 5, 4)).astype(np.float16)
BIASES = _RNG.normal(0, 0.5, (2, 4)).astype(np.float16)


def vector(builder: flatbuffers.Builder, start: object, items: list[int]) -> int:
    """Offsets of tables, as a vector of a table that ``start`` begins."""
    start(builder, len(items))  # type: ignore[operator]
    for item in reversed(items):
        builder.PrependUOffsetTRelative(item)
    return int(builder.EndVector())


def numbers(builder: flatbuffers.Builder, values: list[int]) -> int:
    return int(builder.CreateNumpyVector(np.array(values, np.int32)))


def landmark_file(path: Path, means: bool = True) -> Path:
    """A network in the form of MediaPipe's: halved weights, two convolutions that stride by 2, a sum, a mean."""
    kinds, b = tflite.BuiltinOperator, flatbuffers.Builder(4096)
    codes = [kinds.DEQUANTIZE, kinds.CONV_2D, kinds.DEPTHWISE_CONV_2D, kinds.ADD, kinds.MEAN]
    arrays = [FILTERS, BIASES[0], DEEP, BIASES[1]]
    halves, floats = tflite.TensorType.FLOAT16, tflite.TensorType.FLOAT32
    shapes = [(1, 16, 16, 3), *(a.shape for a in arrays), *(a.shape for a in arrays), *[(1,)] * 4]
    buffers = []
    for content in (b"", *(a.tobytes() for a in arrays)):
        data = b.CreateByteVector(content)
        tflite.BufferStart(b)
        tflite.BufferAddData(b, data)
        buffers.append(tflite.BufferEnd(b))
    tensors = []
    for place, shape in enumerate(shapes):
        where = numbers(b, list(shape))
        tflite.TensorStart(b)
        tflite.TensorAddShape(b, where)
        tflite.TensorAddType(b, halves if 1 <= place <= 4 else floats)
        tflite.TensorAddBuffer(b, place if 1 <= place <= 4 else 0)
        tensors.append(tflite.TensorEnd(b))
    relu6, none = tflite.ActivationFunctionType.RELU6, tflite.ActivationFunctionType.NONE
    layers = [(0, [1 + i], 5 + i, None) for i in range(4)]  # 5 to 8: the constants as 32-bit numbers
    layers += [(1, [0, 5, 6], 9, relu6), (2, [9, 7, 8], 10, none), (3, [10, 10], 11, None)]
    layers += [(4, [11], 12, None)] if means else []
    operators = []
    for code, sources, target, then in layers:
        inputs, outputs = numbers(b, sources), numbers(b, [target])
        options = None
        if then is not None:
            kind = "Conv2DOptions" if code == 1 else "DepthwiseConv2DOptions"
            getattr(tflite, f"{kind}Start")(b)
            for name, value in (("StrideH", 2), ("StrideW", 2), ("FusedActivationFunction", then)):
                getattr(tflite, f"{kind}Add{name}")(b, value)
            options = getattr(tflite, f"{kind}End")(b)
        tflite.OperatorStart(b)
        tflite.OperatorAddOpcodeIndex(b, code)
        tflite.OperatorAddInputs(b, inputs)
        tflite.OperatorAddOutputs(b, outputs)
        if options is not None:
            tflite.OperatorAddBuiltinOptions(b, options)
        operators.append(tflite.OperatorEnd(b))
    codes_made = []
    for code in codes:
        tflite.OperatorCodeStart(b)
        tflite.OperatorCodeAddDeprecatedBuiltinCode(b, code)  # where codes of less than 127 stand
        codes_made.append(tflite.OperatorCodeEnd(b))
    parts = [
        vector(b, tflite.SubGraphStartTensorsVector, tensors),
        vector(b, tflite.SubGraphStartOperatorsVector, operators),
        numbers(b, [0]),
    ]
    tflite.SubGraphStart(b)
    tflite.SubGraphAddTensors(b, parts[0])
    tflite.SubGraphAddOperators(b, parts[1])
    tflite.SubGraphAddInputs(b, parts[2])
    graph = tflite.SubGraphEnd(b)
    wholes = [
        vector(b, tflite.ModelStartOperatorCodesVector, codes_made),
        vector(b, tflite.ModelStartSubgraphsVector, [graph]),
        vector(b, tflite.ModelStartBuffersVector, buffers),
    ]
    tflite.ModelStart(b)
    tflite.ModelAddOperatorCodes(b, wholes[0])
    tflite.ModelAddSubgraphs(b, wholes[1])
    tflite.ModelAddBuffers(b, wholes[2])
    b.Finish(tflite.ModelEnd(b), file_identifier=b"TFL3")
    path.write_bytes(bytes(b.Output()))
    return path
