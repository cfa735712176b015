package dev.tokenbroker.base.outcome;

/**
 * A setting with which the broker does not start.
 *
 * @param setting its full name
 * @param problem what is wrong, as the rest of a sentence that begins with the name
 * @param remedy what to do, as a sentence
 */
public record UnfitSetting(String setting, String problem, String remedy) {}
