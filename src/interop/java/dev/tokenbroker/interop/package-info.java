/**
 * The interop suite: clients that nobody here wrote, as they are, against the broker as it is
 * shipped, over TLS. Asserts what such a client makes of our answers, and how often it called; what
 * the answers are is tested where they are made. The programs of those in Node are in {@code
 * src/interop/node}, the application of those in Quarkus is in {@code src/interop/quarkus}.
 */
@NullMarked
package dev.tokenbroker.interop;

import org.jspecify.annotations.NullMarked;
