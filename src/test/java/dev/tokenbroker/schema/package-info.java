/**
 * Holds the JSON Schemas for editors to the readers of the documents.
 *
 * <p>Stand-ins and set-up: {@link DocumentSchema}, {@link EditorView}, {@link Mutations}, {@link
 * TableSection}, {@link Unseen}.
 */
@NullMarked
package dev.tokenbroker.schema;

import org.jspecify.annotations.NullMarked;
