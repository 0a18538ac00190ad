# A square drawn by seed and id: the same again, and another with another seed. A square picture has but one.
janus-init --preset nano --out p --quiet
shapes-world scenes --count 3 --out s --quiet > /dev/null
printf 's/scene-00000.png\ns/scene-00001.png\ns/scene-00002.png\n' > list
vq-decode --help > /dev/null
python3 - <<'END'
import struct, zlib
def png(path, width, height):
    rows = b"".join(b"\0" + bytes((x * 7 + y * 3) % 256 for x in range(width) for _ in range(3)) for y in range(height))
    def chunk(kind, data): return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    open(path, "wb").write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
                           chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
png("wide.png", 400, 60)
png("square.png", 48, 48)
END
codes() { jq -nc --arg i "$1" '{id: "x", image: $i}' | vq-encode --policy p --quiet --out t "${@:2}" > /dev/null; shard-cat t/*.zst --tensor image_tokens | sha256sum; }
[[ $(codes wide.png --crop random --seed 1) == $(codes wide.png --crop random --seed 1) ]] && echo same
[[ $(codes wide.png --crop random --seed 1) != $(codes wide.png --crop random --seed 2) ]] && echo other
[[ $(codes square.png --crop random --seed 1) == $(codes square.png) ]] && echo same
