/*
 * inet, cidr and macaddr. Stored as Postgres prints them.
 *
 * The wire form of inet and cidr (Postgres: network_send):
 *
 *   uint8 family (2: IPv4, 3: IPv6) | uint8 bits | uint8 is cidr |
 *   uint8 size | the address
 */
#include <stdio.h>
#include <stdlib.h>

#include "protocol/type_codec.h"

#define FAMILY_4 2
#define FAMILY_6 3

struct network {
	bool six;
	int bits;
	uint8_t address[16];
};

static size_t size_of(const struct network *network)
{
	return network->six ? 16 : 4;
}

static int bits_max(const struct network *network)
{
	return network->six ? 128 : 32;
}

static int hex_value(uint8_t digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	digit |= 0x20;
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

static bool take(struct reader *in, char byte)
{
	if (in->at == in->end || *in->at != (uint8_t)byte)
		return false;
	in->at++;
	return true;
}

static bool scan_number(struct reader *in, int most, int *ret)
{
	const uint8_t *start = in->at;
	int value = 0;

	while (in->at < in->end && *in->at >= '0' && *in->at <= '9') {
		value = value * 10 + (*in->at++ - '0');
		if (value > most)
			return false;
	}
	*ret = value;
	return in->at > start;
}

/* "/24" at the end; -1 where there is none. */
static bool scan_bits(struct reader *in, int most, int *ret)
{
	*ret = -1;
	if (take(in, '/') && !scan_number(in, most, ret))
		return false;
	return in->at == in->end;
}

/* How many bits a network has whose length nobody gave (RFC 791). */
static int class_bits(uint8_t first, int octets)
{
	int bits;

	if (first >= 240)
		bits = 32;
	else if (first >= 224)
		bits = 8;
	else if (first >= 192)
		bits = 24;
	else if (first >= 128)
		bits = 16;
	else
		bits = 8;
	if (bits < octets * 8)
		bits = octets * 8;
	/* Multicast without more is 224.0.0.0/4. */
	return bits == 8 && first == 224 ? 4 : bits;
}

/* "10.1.2.3", "10.1/16"; a cidr may leave octets out. */
static bool scan_four(struct slice text, bool cidr, struct network *ret)
{
	struct reader in = reader_make(text);
	int octets = 0;

	memset(ret, 0, sizeof(*ret));
	do {
		int octet;

		if (octets == 4 || !scan_number(&in, 255, &octet))
			return false;
		ret->address[octets++] = (uint8_t)octet;
	} while (take(&in, '.'));
	if (!scan_bits(&in, 32, &ret->bits))
		return false;
	if (ret->bits == -1) {
		if (!cidr && octets < 4)
			return false;
		ret->bits = cidr ? class_bits(ret->address[0], octets) : 32;
		return true;
	}
	/* What the mask covers must have been said. */
	return cidr || ret->bits / 8 <= octets;
}

/* The last 32 bits of an IPv6 address written as IPv4. */
static bool scan_tail(struct reader *in, const uint8_t *start, uint8_t *out)
{
	in->at = start;
	for (int i = 0; i < 4; i++) {
		int octet;

		if ((i && !take(in, '.')) || !scan_number(in, 255, &octet))
			return false;
		out[i] = (uint8_t)octet;
	}
	return true;
}

static bool scan_group(struct reader *in, int *ret)
{
	const uint8_t *start = in->at;
	int value = 0;

	while (in->at < in->end && hex_value(*in->at) >= 0) {
		value = value << 4 | hex_value(*in->at++);
		if (in->at - start > 4)
			return false;
	}
	*ret = value;
	return in->at > start;
}

/* Groups up to the end or the mask; *gap is where "::" stood, or -1. */
static bool scan_groups(struct reader *in, uint8_t *out, int *ret_count,
			int *gap)
{
	int count = 0;

	if (take(in, ':')) {
		if (!take(in, ':'))
			return false;
		*gap = 0;
	}
	while (in->at < in->end && *in->at != '/') {
		const uint8_t *start = in->at;
		int group;

		if (count >= 16 || !scan_group(in, &group))
			return false;
		if (in->at < in->end && *in->at == '.') {
			if (count > 12 || !scan_tail(in, start, out + count))
				return false;
			count += 4;
			break;
		}
		out[count++] = (uint8_t)(group >> 8);
		out[count++] = (uint8_t)group;
		if (!take(in, ':'))
			break;
		if (take(in, ':')) {
			if (*gap >= 0)
				return false;
			*gap = count;
		} else if (in->at == in->end || *in->at == '/') {
			return false;
		}
	}
	*ret_count = count;
	return true;
}

static bool scan_six(struct slice text, struct network *ret)
{
	struct reader in = reader_make(text);
	uint8_t groups[20] = { 0 };
	int count, gap = -1;

	memset(ret, 0, sizeof(*ret));
	ret->six = true;
	if (!scan_groups(&in, groups, &count, &gap) ||
	    !scan_bits(&in, 128, &ret->bits) ||
	    (gap < 0 ? count != 16 : count > 14))
		return false;
	if (ret->bits == -1)
		ret->bits = 128;
	if (gap < 0)
		gap = count;
	memcpy(ret->address, groups, (size_t)gap);
	memcpy(ret->address + 16 - (count - gap), groups + gap,
	       (size_t)(count - gap));
	return true;
}

static bool scan_network(struct slice text, bool cidr, struct network *ret)
{
	if (text.length == 0 || text.length > 64)
		return false;
	if (memchr(text.at, ':', text.length))
		return scan_six(text, ret);
	return scan_four(text, cidr, ret);
}

static bool has_bits_past_mask(const struct network *network)
{
	for (int bit = network->bits; bit < bits_max(network); bit++)
		if (network->address[bit / 8] & 0x80 >> bit % 8)
			return true;
	return false;
}

/* --- printing --------------------------------------------------------------------- */

static unsigned group_of(const struct network *network, int i)
{
	return (unsigned)network->address[i * 2] << 8 |
	       network->address[i * 2 + 1];
}

/* The longest run of zero groups, at least two. */
static int longest_gap(const struct network *network, int *ret_length)
{
	int best = -1;

	*ret_length = 1;
	for (int i = 0; i < 8; i++) {
		int length = 0;

		while (i + length < 8 && group_of(network, i + length) == 0)
			length++;
		if (length > *ret_length) {
			best = i;
			*ret_length = length;
		}
		if (length)
			i += length - 1;
	}
	return best;
}

static void put_four(char *text, size_t bytes, const uint8_t *address)
{
	size_t used = strlen(text);

	snprintf(text + used, bytes - used, "%d.%d.%d.%d", address[0],
		 address[1], address[2], address[3]);
}

static void put_six(char *text, size_t bytes, const struct network *network)
{
	int length, gap = longest_gap(network, &length);
	bool four_inside =
		gap == 0 &&
		(length == 6 || (length == 7 && group_of(network, 7) != 1) ||
		 (length == 5 && group_of(network, 5) == 0xFFFF));

	for (int i = 0; i < 8; i++) {
		size_t used = strlen(text);

		if (gap >= 0 && i >= gap && i < gap + length) {
			if (i == gap)
				snprintf(text + used, bytes - used, ":");
			continue;
		}
		if (i)
			snprintf(text + used, bytes - used, ":");
		if (i == 6 && four_inside) {
			put_four(text, bytes, network->address + 12);
			return;
		}
		used = strlen(text);
		snprintf(text + used, bytes - used, "%x", group_of(network, i));
	}
	if (gap >= 0 && gap + length == 8) {
		size_t used = strlen(text);

		snprintf(text + used, bytes - used, ":");
	}
}

static bool put_network(struct type_read_job *job,
			const struct network *network)
{
	bool cidr = job->oid == OID_CIDR;
	size_t bytes = 80;
	char *text = arena_alloc(job->arena, bytes);

	if (network->six)
		put_six(text, bytes, network);
	else
		put_four(text, bytes, network->address);
	if (cidr || network->bits != bits_max(network)) {
		size_t used = strlen(text);

		snprintf(text + used, bytes - used, "/%d", network->bits);
	}
	return put_text(job, slice_text(text));
}

static bool check_cidr(struct type_read_job *job, const struct network *network)
{
	if (job->oid != OID_CIDR || !has_bits_past_mask(network))
		return true;
	error_set(job->error, SQLSTATE_INVALID_TEXT,
		  "invalid cidr value: \"%.*s\"", (int)job->bytes.length,
		  (const char *)job->bytes.at);
	error_detail(job->error, "Value has bits set to right of mask.");
	return false;
}

static bool read_network(struct type_read_job *job)
{
	struct network network;

	if (!scan_network(job->bytes, job->oid == OID_CIDR, &network))
		return refuse_syntax(job, job->oid);
	return check_cidr(job, &network) && put_network(job, &network);
}

static bool read_network_binary(struct type_read_job *job)
{
	struct reader in = reader_make(job->bytes);
	struct network network = { .six = read_u8(&in) == FAMILY_6 };
	struct slice address;

	network.bits = read_u8(&in);
	read_u8(&in); /* whether it is a cidr: the type says so */
	address = read_bytes(&in, read_u8(&in));
	if (!reader_done(&in) || address.length != size_of(&network) ||
	    network.bits > bits_max(&network) ||
	    (job->bytes.at[0] != FAMILY_4 && job->bytes.at[0] != FAMILY_6))
		return refuse_binary(job);
	memcpy(network.address, address.at, address.length);
	if (job->oid == OID_CIDR && has_bits_past_mask(&network)) {
		error_set(job->error, SQLSTATE_INVALID_BINARY,
			  "invalid external \"cidr\" value");
		error_detail(job->error,
			     "Value has bits set to right of mask.");
		return false;
	}
	return put_network(job, &network);
}

static bool write_text(struct type_write_job *job)
{
	struct slice text;

	if (!stored_text(job, &text))
		return false;
	buffer_put_slice(job->out, text);
	return true;
}

static bool write_network_binary(struct type_write_job *job)
{
	struct network network;
	bool cidr = job->oid == OID_CIDR;

	if (job->value->kind != VALUE_TEXT ||
	    !scan_network(job->value->bytes, cidr, &network))
		return refuse_stored(job);
	buffer_put_u8(job->out, network.six ? FAMILY_6 : FAMILY_4);
	buffer_put_u8(job->out, (uint8_t)network.bits);
	buffer_put_u8(job->out, cidr);
	buffer_put_u8(job->out, (uint8_t)size_of(&network));
	buffer_put(job->out, network.address, size_of(&network));
	return true;
}

bool type_inet_to_cidr(struct value *value, struct arena *arena,
		       struct error *error)
{
	struct network network;
	struct type_read_job job = { .oid = OID_CIDR, .arena = arena,
				     .value = value, .error = error };

	if (!scan_network(value->bytes, false, &network))
		return refuse_syntax(&job, OID_INET);
	for (int bit = network.bits; bit < bits_max(&network); bit++)
		network.address[bit / 8] &= (uint8_t)~(0x80 >> bit % 8);
	return put_network(&job, &network);
}

const struct type_codec codec_network = { read_network, read_network_binary,
					  write_text, write_network_binary,
					  NULL };

/* --- macaddr ----------------------------------------------------------------------- */

/* Six octets of one or two digits between `mark`s. */
static bool scan_octets(struct slice text, char mark, uint8_t octets[6])
{
	struct reader in = reader_make(text);

	for (int i = 0; i < 6; i++) {
		int value;

		if ((i && !take(&in, mark)) || !scan_group(&in, &value) ||
		    value > 255)
			return false;
		octets[i] = (uint8_t)value;
	}
	return in.at == in.end;
}

/* Twelve digits with a mark after every `group` of them; 0: no marks. */
static bool scan_digits(struct slice text, char mark, size_t group,
			uint8_t octets[6])
{
	struct reader in = reader_make(text);

	for (size_t i = 0; i < 12; i++) {
		int value;

		if (group && i && i % group == 0 && !take(&in, mark))
			return false;
		if (in.at == in.end || (value = hex_value(*in.at++)) < 0)
			return false;
		octets[i / 2] = (uint8_t)(octets[i / 2] << 4 | value);
	}
	return in.at == in.end;
}

static bool scan_macaddr(struct slice text, uint8_t octets[6])
{
	return scan_octets(text, ':', octets) ||
	       scan_octets(text, '-', octets) ||
	       scan_digits(text, ':', 6, octets) ||
	       scan_digits(text, '-', 6, octets) ||
	       scan_digits(text, '.', 4, octets) ||
	       scan_digits(text, '-', 4, octets) ||
	       scan_digits(text, 0, 0, octets);
}

static bool put_macaddr(struct type_read_job *job, const uint8_t *octets)
{
	return put_text(
		job, slice_text(arena_printf(job->arena,
					     "%02x:%02x:%02x:%02x:%02x:%02x",
					     octets[0], octets[1], octets[2],
					     octets[3], octets[4], octets[5])));
}

static bool read_macaddr(struct type_read_job *job)
{
	uint8_t octets[6] = { 0 };

	if (!scan_macaddr(text_trim(job->bytes), octets))
		return refuse_syntax(job, OID_MACADDR);
	return put_macaddr(job, octets);
}

static bool read_macaddr_binary(struct type_read_job *job)
{
	if (job->bytes.length != 6)
		return refuse_binary(job);
	return put_macaddr(job, job->bytes.at);
}

static bool write_macaddr_binary(struct type_write_job *job)
{
	uint8_t octets[6] = { 0 };

	if (job->value->kind != VALUE_TEXT ||
	    !scan_macaddr(job->value->bytes, octets))
		return refuse_stored(job);
	buffer_put(job->out, octets, sizeof(octets));
	return true;
}

const struct type_codec codec_macaddr = { read_macaddr, read_macaddr_binary,
					  write_text, write_macaddr_binary,
					  NULL };
