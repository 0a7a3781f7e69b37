"""What one tick costs the browser's main thread before anything is drawn: decode a frame, take it over."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np

import twin
from benchmarks.table import Row
from twin.stream.frame import StreamFrame, encode_stream_frame

CHANGES = 5_000
TAGS = 50_000
REPEATS = 300

_SCRIPT = """
import {{ readFileSync }} from "node:fs";
import {{ AssetTable }} from "{web}/src/assets.js";
import {{ decodeFrame }} from "{web}/src/frame.js";
const file = readFileSync("{folder}/tick.bin");
const frame = file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength);
const text = readFileSync("{folder}/tick.json", "utf8");
const table = new AssetTable({tags}, 0);
const values = new Map();
const median = (work) => {{
  const times = [];
  for (let k = 0; k < {repeats}; k++) {{
    const start = performance.now();
    work();
    times.push(performance.now() - start);
  }}
  return times.sort((a, b) => a - b)[{repeats} >> 1];
}};
const binary = median(() => table.apply(decodeFrame(frame)));
const asJson = median(() => {{ for (const row of JSON.parse(text)) values.set(row.tag, row); }});
process.stdout.write(JSON.stringify({{ binary, asJson }}));
"""


def run() -> list[Row]:
    """Measure in Node.js, which has the browser's engine; no rows where it is not installed."""
    node = shutil.which("node")
    if node is None:
        return []
    rng = np.random.default_rng(7)
    index = np.sort(rng.choice(TAGS, CHANGES, replace=False)).astype(np.uint32)
    value = rng.normal(50, 10, CHANGES)
    now = 1_767_225_600_000_000_000
    frame = StreamFrame(
        tick=1,
        server_time=now,
        revision="0123456789abcdef",
        index=index,
        value=value,
        source_time=np.full(CHANGES, now - 250_000_000, np.int64),
        status=np.zeros(CHANGES, np.uint32),
        stale=np.zeros(CHANGES, np.bool_),
        texts={},
        equipment=np.zeros(0, np.uint32),
        condition=np.zeros(0, np.uint8),
    )
    rows = [
        {"tag": f"park/site/area/line/m{i}:v", "value": v, "time": now // 1_000_000, "status": 0}
        for i, v in zip(index.tolist(), value.tolist(), strict=True)
    ]
    web = Path(next(iter(twin.__path__))).resolve() / "web"
    with tempfile.TemporaryDirectory() as folder:
        binary = encode_stream_frame(frame)
        (Path(folder) / "tick.bin").write_bytes(binary)
        text = json.dumps(rows)
        (Path(folder) / "tick.json").write_text(text)
        script = Path(folder) / "tick.mjs"
        script.write_text(_SCRIPT.format(web=web.as_uri(), folder=folder, tags=TAGS, repeats=REPEATS))
        result = subprocess.run([node, str(script)], capture_output=True, text=True, check=True, timeout=60)
    took = json.loads(result.stdout)
    note = (
        f"{CHANGES:,} changes of {TAGS:,} tags, {len(binary):,} bytes; the same as JSON {len(text):,} bytes"
    )
    return [
        Row("web", "a tick in the browser", took["binary"], "ms", "under 8", took["binary"] < 8, note),
        Row(
            "web",
            "times faster than JSON",
            took["asJson"] / took["binary"],
            "x",
            "",
            None,
            "parse into a Map",
        ),
    ]
