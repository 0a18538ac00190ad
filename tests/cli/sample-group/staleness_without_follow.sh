sample-group --policy p --out run --max-staleness 1 < /dev/null
