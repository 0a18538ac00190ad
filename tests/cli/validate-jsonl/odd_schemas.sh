# Schemas that nothing conforms to, that lead back to themselves, or whose pattern is none, are told by name.
check() { echo "$1" > "$2.json"; echo '{"a":"x"}' | validate-jsonl --schema "$2.json"; echo "$2: exit $?"; }
check false never
check '{"$ref":"#"}' itself
check '{"allOf":[{"$ref":"#/"}]}' all
check '{"$id":"id.json","if":{"$ref":"id.json"}}' id
check '{"definitions":{"a":{"$ref":"#/definitions/b"},"b":{"not":{"$ref":"#/definitions/a"}}}}' circle
check "$(printf '{"not":%.0s' {1..5000}){}$(printf '}%.0s' {1..5000})" deep
check '{"properties":{"a":{"pattern":"("}}}' pattern
check '{"patternProperties":{"[":{}}}' names
# Into the record a reference may go round, and what is only data is no schema.
check '{"properties":{"a":{"anyOf":[{"type":"string"},{"$ref":"#"}]},"pattern":{"pattern":"^x$"}},"default":{"pattern":"("}}' fine
