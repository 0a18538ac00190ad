# What a failed command delivered is kept; the next run asks for the rest only.
shapes-world scenes --count 5 --out s >/dev/null
cat >annotate <<'END'
sed -E 's/\}/,"brief_caption":"x"}/'
END
caption-gen --annotator 'exec:head -n 2 | sh annotate; exit 1' --out captions s
caption-gen --quiet --resume --annotator 'exec:tee asked | sh annotate' --out captions s
wc -l <asked
cut -d, -f1 captions
# Nothing left: the command is not run.
caption-gen --quiet --resume --annotator 'exec:exit 9' --out captions s
