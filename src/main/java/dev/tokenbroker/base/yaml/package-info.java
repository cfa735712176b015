/**
 * In: the text of a YAML document, and the JSON Schema that defines its keys. Out: its values with
 * their places, or every problem with its line. Knows no document. Open {@code Fields} first.
 */
@NullMarked
package dev.tokenbroker.base.yaml;

import org.jspecify.annotations.NullMarked;
