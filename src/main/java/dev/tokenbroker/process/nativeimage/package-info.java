/**
 * Substitutes methods of GraalVM in the native executable; the JVM never loads it. {@code
 * KeptChunks} goes when a GraalVM takes samples of its own: the build then says that the class is
 * needless, and {@code .ci/run} fails.
 */
@NullMarked
package dev.tokenbroker.process.nativeimage;

import org.jspecify.annotations.NullMarked;
