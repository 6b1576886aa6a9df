"""The functions that SQL may call: those that Presto or Trino document, which only compute.

Left out on purpose: functions that touch something outside the query (``fail``, ``ai_*``,
table functions) and those that tell about the server (``version``, ``current_user``, ...).
"""

from __future__ import annotations

from typing import Final

from sqlglot import exp

_AGGREGATE = """
any_value approx_distinct approx_most_frequent approx_percentile approx_set arbitrary array_agg avg
bitwise_and_agg bitwise_or_agg bitwise_xor_agg bool_and bool_or checksum classification_miss_rate
classification_precision classification_recall classification_thresholds corr count count_if
covar_pop covar_samp entropy every geometric_mean histogram kurtosis listagg map_agg map_union
map_union_sum max max_by merge min min_by multimap_agg numeric_histogram qdigest_agg reduce_agg
regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy set_agg
set_union skewness stddev stddev_pop stddev_samp sum tdigest_agg variance var_pop var_samp grouping
"""
_WINDOW = """
cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank row_number
"""
_CONDITIONAL = "coalesce greatest if least nullif try cast try_cast typeof"
_MATH = """
abs acos asin atan atan2 cbrt ceil ceiling cos cosh cosine_similarity degrees e exp floor from_base
infinity inverse_beta_cdf inverse_normal_cdf beta_cdf binomial_cdf cauchy_cdf chi_squared_cdf
normal_cdf poisson_cdf is_finite is_infinite is_nan ln log log10 log2 mod nan pi pow power radians
rand random round sign sin sinh sqrt tan tanh to_base truncate width_bucket wilson_interval_lower
wilson_interval_upper bit_count bitwise_and bitwise_arithmetic_shift_right bitwise_left_shift
bitwise_logical_shift_right bitwise_not bitwise_or bitwise_right_shift
bitwise_right_shift_arithmetic bitwise_shift_left bitwise_xor
"""
_TEXT = """
chr codepoint concat concat_ws ends_with format from_utf8 hamming_distance length
levenshtein_distance lower lpad ltrim luhn_check normalize position regexp_count regexp_extract
regexp_extract_all regexp_like regexp_position regexp_replace regexp_split replace reverse rpad
rtrim soundex split split_part split_to_map split_to_multimap starts_with strpos strrpos substr
substring to_utf8 translate trail trim upper word_stem
"""
_BINARY = """
crc32 from_base32 from_base64 from_base64url from_big_endian_32 from_big_endian_64 from_hex
from_ieee754_32 from_ieee754_64 hmac_md5 hmac_sha1 hmac_sha256 hmac_sha512 md5 murmur3 sha1 sha256
sha512 spooky_hash_v2_32 spooky_hash_v2_64 to_base32 to_base64 to_base64url to_big_endian_32
to_big_endian_64 to_hex to_ieee754_32 to_ieee754_64 xxhash64
"""
_TIME = """
at_timezone current_date current_time current_timestamp localtime localtimestamp now date date_add
date_diff date_format date_parse date_trunc day day_of_month day_of_week day_of_year dow doy extract
format_datetime from_iso8601_date from_iso8601_timestamp from_unixtime from_unixtime_nanos hour
human_readable_seconds last_day_of_month millisecond minute month parse_datetime parse_duration
quarter second timezone_hour timezone_minute to_iso8601 to_milliseconds to_unixtime week
week_of_year with_timezone year year_of_week yow
"""
_JSON = """
is_json_scalar json_array_contains json_array_get json_array_length json_exists json_extract
json_extract_scalar json_format json_parse json_query json_size json_value
"""
_NESTED = """
all_match any_match array_average array_cum_sum array_distinct array_duplicates array_except
array_frequency array_has_duplicates array_intersect array_join array_least_frequent array_max
array_max_by array_min array_min_by array_normalize array_position array_remove array_sort
array_sort_desc array_sum array_top_n array_union arrays_overlap cardinality combinations contains
contains_sequence element_at filter find_first find_first_index flatten histogram_values map
map_concat map_entries map_filter map_from_entries map_keys map_keys_by_top_n_values map_normalize
map_remove_null_values map_subset map_top_n map_top_n_keys map_top_n_values map_values map_zip_with
multimap_from_entries ngrams none_match no_keys_match no_values_match any_keys_match
any_values_match all_keys_match reduce remove_nulls repeat row sequence shuffle slice
transform transform_keys transform_values trim_array values_between zip zip_with unnest array
"""
_SKETCH = """
empty_approx_set hash_counts intersection_cardinality jaccard_index make_set_digest merge_set_digest
quantile_at_value scale_qdigest scale_tdigest tdigest_quantile trimmed_mean value_at_quantile
values_at_quantiles quantiles_at_values
"""
_PLACES = """
ip_prefix ip_subnet_max ip_subnet_min ip_subnet_range is_subnet_of url_decode url_encode
url_extract_fragment url_extract_host url_extract_parameter url_extract_path url_extract_port
url_extract_protocol url_extract_query bing_tile bing_tile_at bing_tile_quadkey
great_circle_distance st_area st_astext st_contains st_distance st_geometryfromtext st_intersects
st_point st_within st_x st_y to_spherical_geography uuid color bar render rgb
"""

FUNCTIONS: Final[frozenset[str]] = frozenset(
    " ".join(
        (
            _AGGREGATE,
            _WINDOW,
            _CONDITIONAL,
            _MATH,
            _TEXT,
            _BINARY,
            _TIME,
            _JSON,
            _NESTED,
            _SKETCH,
            _PLACES,
        )
    ).split()
)

AGGREGATES: Final[frozenset[str]] = frozenset(_AGGREGATE.split()) - {"grouping"}
"""Those of them that fold many rows into one."""


def is_aggregate(node: exp.Expr) -> bool:
    """Whether this node folds rows: an aggregate that is no window function."""
    if not isinstance(node, exp.Func) or isinstance(node.parent, exp.Window):
        return False
    if isinstance(node, exp.Anonymous):
        return node.name.lower() in AGGREGATES
    return isinstance(node, exp.AggFunc | exp.ArrayUniqueAgg) and not isinstance(node, exp.Grouping)


def has_aggregate(node: exp.Expr) -> bool:
    """Whether an aggregate of the node's own query is in it."""
    return any(is_aggregate(part) for part in node.walk(prune=lambda n: isinstance(n, exp.Query)))
