"""What customers are worth: how many go on renewing, by cohort."""
