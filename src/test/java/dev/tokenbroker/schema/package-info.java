/** Holds the JSON Schemas for editors to the readers of the documents. */
@NullMarked
package dev.tokenbroker.schema;

import org.jspecify.annotations.NullMarked;
