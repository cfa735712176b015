/**
 * In: a document. Out: what is wrong between this machine and the issuers and upstreams in it. Open
 * {@code Doctor} first.
 */
@NullMarked
package dev.tokenbroker.command.doctor;

import org.jspecify.annotations.NullMarked;
