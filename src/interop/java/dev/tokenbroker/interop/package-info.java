/**
 * The interop suite: clients that nobody here wrote, as they are, against the broker as it is
 * shipped, over TLS, and behind proxies that end TLS. Asserts what such a client makes of our
 * answers, and how often it called; what the answers are is tested where they are made. The
 * programs of those in Node are in {@code src/interop/node}, those in Python in {@code
 * src/interop/python}, the applications of those in Quarkus and Spring Boot are in {@code
 * src/interop/quarkus} and {@code src/interop/spring}. The files of the proxies are the ones that
 * the documents print.
 */
@NullMarked
package dev.tokenbroker.interop;

import org.jspecify.annotations.NullMarked;
