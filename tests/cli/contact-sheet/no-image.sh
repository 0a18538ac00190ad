printf '%s\n' '{"id":"a","prompt":"x"}' | contact-sheet --quiet --size 32 --out sheet.png
python3 -c 'import struct, sys; d = open(sys.argv[1], "rb").read(); print(d[:8] == b"\x89PNG\r\n\x1a\n", *struct.unpack(">II", d[16:24]))' sheet.png
