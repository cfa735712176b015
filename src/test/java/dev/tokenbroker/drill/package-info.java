/**
 * The drill: faults injected around the packaged broker, each with what the broker must tell the
 * operator, must not tell the caller, must log and must count. src/docs/develop/drill.md says how
 * to run it.
 */
@NullMarked
package dev.tokenbroker.drill;

import org.jspecify.annotations.NullMarked;
