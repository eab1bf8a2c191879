package config

import "strings"

// suggest ends an error message with what was probably meant, or with all that
// there is when that is short; "" when there is nothing to say.
func suggest(given string, known []string) string {
	best, distance := "", len(given)/2+1
	for _, k := range known {
		if d := editDistance(strings.ToLower(given), k); d < distance {
			best, distance = k, d
		}
	}
	switch {
	case best != "":
		return "; did you mean " + best + "?"
	case len(known) > 0 && len(known) <= 32:
		return "; it must be one of " + strings.Join(known, ", ")
	}
	return ""
}

// editDistance counts the letters to insert, delete, replace or swap.
func editDistance(a, b string) int {
	x, y := []rune(a), []rune(b)
	rows := [3][]int{}
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
	}
	for j := range rows[1] {
		rows[1][j] = j
	}
	for i := 1; i <= len(x); i++ {
		before, last, now := rows[0], rows[1], rows[2]
		now[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			now[j] = min(last[j]+1, now[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				now[j] = min(now[j], before[j-2]+1)
			}
		}
		rows = [3][]int{last, now, before}
	}
	return rows[1][len(y)]
}
