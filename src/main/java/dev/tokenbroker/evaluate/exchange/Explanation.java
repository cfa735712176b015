package dev.tokenbroker.evaluate.exchange;

import org.jspecify.annotations.Nullable;

/**
 * The result of an explanation.
 *
 * @param verdict the whole verdict
 * @param judged what the policy judged; null if the evaluation ended before
 */
public record Explanation(Verdict verdict, @Nullable Judged judged) {}
