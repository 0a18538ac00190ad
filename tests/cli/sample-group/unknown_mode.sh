sample-group --policy p --group 2 --out run --mode sideways < /dev/null
