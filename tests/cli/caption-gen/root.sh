# Paths of a list may start in another folder.
shapes-world scenes --count 2 --out there/s --quiet > /dev/null
(cd there && find s -name '*.png' | sort) | caption-gen --annotator shapes --root there --out - - | jq -c '[.id, .image]'
